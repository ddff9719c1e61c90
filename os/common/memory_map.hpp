// What the systems do differently for shared memory. Internal to os/.
#pragma once

#include <cstdint>

#include <pf/os/shared_memory.hpp>

namespace pf::os {

std::uint64_t page_bytes();
// In whole pages, as every system maps them; 0: there is no such size.
std::uint64_t whole_pages(std::uint64_t bytes);

enum class MapAccess { read, read_write };
// The first `bytes` of a region that is not empty. Null: the system's last error says why.
void* map_memory(const Handle& memory, std::size_t bytes, MapAccess access);

}  // namespace pf::os
