#include <pf/os/shared_memory.hpp>

#include <string>
#include <utility>

#include "memory_map.hpp"

namespace pf::os {

namespace {

Result<detail::MappedRange> map_range(const Region& region, MapAccess access) {
    if (!region) {
        return fail("map memory", 0, Reaction::bug, "the region is empty");
    }
    const auto size = static_cast<std::size_t>(region.size());
    void* const base = map_memory(region.handle(), size, access);
    if (base == nullptr) {
        return fail_last("map memory", "a region of " + std::to_string(size) + " bytes");
    }
    return detail::MappedRange(base, size);
}

}  // namespace

std::uint64_t whole_pages(std::uint64_t bytes) {
    const std::uint64_t page = page_bytes();
    return bytes <= INT64_MAX - page ? (bytes + page - 1) / page * page : 0;
}

namespace detail {

MappedRange::MappedRange(MappedRange&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedRange& MappedRange::operator=(MappedRange&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    return *this;
}

}  // namespace detail

Result<WritableMapping> WritableMapping::map(const Region& region) {
    return map_range(region, MapAccess::read_write).map([](detail::MappedRange&& range) {
        WritableMapping mapping;
        mapping.range_ = std::move(range);
        return mapping;
    });
}

Result<ReadOnlyMapping> ReadOnlyMapping::map(const Region& region) {
    return map_range(region, MapAccess::read).map([](detail::MappedRange&& range) {
        ReadOnlyMapping mapping;
        mapping.range_ = std::move(range);
        return mapping;
    });
}

}  // namespace pf::os
