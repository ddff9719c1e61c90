// What the kernel says of a process. Readings of /proc; empty when it is gone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pf::host::test {

struct ProcessFacts {
    std::size_t descriptors = 0;
    std::size_t threads = 0;
    std::size_t shared_mappings = 0;  // of rings and cursors
    std::size_t private_kib = 0;      // resident, without shared memory
};

ProcessFacts facts_of(std::uint32_t pid);

}  // namespace pf::host::test
