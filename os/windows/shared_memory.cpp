#include <pf/os/shared_memory.hpp>

#include <windows.h>

#include <psapi.h>

#include <string>
#include <utility>

#include "memory_map.hpp"
#include "native_handle.hpp"
#include "object_type.hpp"

namespace pf::os {

namespace {

// How much of the section can be touched, from its start on, without a fault: committed memory that
// no file and no program image is behind. What is committed of a section stays so. 0: nothing.
std::uint64_t committed_bytes(const Handle& section) {
    void* const view = ::MapViewOfFile(handle_of(section), FILE_MAP_READ, 0, 0, 0);
    if (view == nullptr) {
        return 0;
    }
    MEMORY_BASIC_INFORMATION facts{};
    wchar_t name[8];
    const bool plain = ::VirtualQuery(view, &facts, sizeof facts) != 0 &&
                       facts.State == MEM_COMMIT && facts.Type == MEM_MAPPED &&
                       ::GetMappedFileNameW(::GetCurrentProcess(), view, name, 8) == 0;
    ::UnmapViewOfFile(view);
    return plain ? facts.RegionSize : 0;
}

}  // namespace

std::uint64_t page_bytes() {
    SYSTEM_INFO info{};
    ::GetSystemInfo(&info);
    return info.dwPageSize;
}

void* map_memory(const Handle& memory, std::size_t bytes, MapAccess access) {
    const DWORD rights = FILE_MAP_READ | (access == MapAccess::read_write ? FILE_MAP_WRITE : 0);
    return ::MapViewOfFile(handle_of(memory), rights, 0, 0, bytes);
}

Result<Region> Region::create(std::uint64_t at_least_bytes, const char* debug_name) {
    const char* operation = "create shared memory";
    const std::uint64_t bytes = whole_pages(at_least_bytes);
    if (bytes == 0) {
        return fail(operation, 0, Reaction::bug,
                    "a size of " + std::to_string(at_least_bytes) + " bytes");
    }
    NobodyElse access;
    Handle handle = adopt_handle(
        ::CreateFileMappingW(INVALID_HANDLE_VALUE, access.attributes(), PAGE_READWRITE | SEC_COMMIT,
                             static_cast<DWORD>(bytes >> 32), static_cast<DWORD>(bytes), nullptr));
    if (!handle) {
        return fail_last(operation,
                         std::string(debug_name) + ", " + std::to_string(bytes) + " bytes");
    }
    return Region(std::move(handle), bytes);
}

Result<Region> Region::adopt(Handle handle, std::uint64_t minimum_bytes) {
    const char* operation = "adopt shared memory";
    if (!handle || !is_object_of_type(handle, L"Section")) {
        return fail(operation, 0, Reaction::reject, "the handle is not a memory section");
    }
    const std::uint64_t size = committed_bytes(handle);
    if (size == 0 || size < minimum_bytes) {
        return fail(operation, 0, Reaction::reject,
                    "it has " + std::to_string(size) + " committed bytes, at least " +
                        std::to_string(minimum_bytes) + " are needed");
    }
    return Region(std::move(handle), size);
}

namespace detail {

MappedRange::~MappedRange() {
    if (base_ != nullptr) {
        ::UnmapViewOfFile(base_);
    }
}

}  // namespace detail

// An atomic addition of nothing makes a page writable and cannot undo what the other process
// writes there meanwhile.
void WritableMapping::prefault() {
    const auto page = static_cast<std::size_t>(page_bytes());
    auto* const bytes = static_cast<unsigned char*>(range_.base());
    for (std::size_t at = 0; at < range_.size(); at += page) {
        __atomic_fetch_add(bytes + at, 0, __ATOMIC_RELAXED);
    }
}

}  // namespace pf::os
