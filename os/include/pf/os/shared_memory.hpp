// Unnamed shared memory. A Region owns the memory object, a mapping owns addresses; a mapping
// outlives its region. The access right is part of a mapping's type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/os/handle.hpp>

namespace pf::os {

class Region {
public:
    Region() = default;

    // A zeroed object of so many bytes or more, in whole pages, that can neither shrink nor grow
    // (Linux: memfd with F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL; Windows: a section).
    // `debug_name` shows in the system's tools only.
    static Result<Region> create(std::uint64_t at_least_bytes, const char* debug_name);

    // Takes an object that came from another process. Refuses (reject) what is not a memory
    // object, is not sealed against shrinking and growing, or is smaller than `minimum_bytes`:
    // after that, no access inside size() can fault.
    static Result<Region> adopt(Handle handle, std::uint64_t minimum_bytes);

    std::uint64_t size() const { return size_; }  // bytes; of a created one: whole pages
    const Handle& handle() const { return handle_; }
    explicit operator bool() const { return static_cast<bool>(handle_); }

private:
    Region(Handle handle, std::uint64_t size) : handle_(std::move(handle)), size_(size) {}
    Handle handle_;
    std::uint64_t size_ = 0;
};

namespace detail {
class MappedRange {
public:
    MappedRange() = default;
    MappedRange(void* base, std::size_t size) : base_(base), size_(size) {}
    MappedRange(MappedRange&& other) noexcept;
    MappedRange& operator=(MappedRange&& other) noexcept;
    ~MappedRange();
    void* base() const { return base_; }
    std::size_t size() const { return size_; }

private:
    void* base_ = nullptr;
    std::size_t size_ = 0;
};
}  // namespace detail

// The whole of a region, writable.
class WritableMapping {
public:
    WritableMapping() = default;
    static Result<WritableMapping> map(const Region& region);
    std::span<std::byte> bytes() const {
        return {static_cast<std::byte*>(range_.base()), range_.size()};
    }
    // Faults every page in now, so that the first write to each costs nothing later.
    void prefault();

private:
    detail::MappedRange range_;
};

// The whole of a region, read-only.
class ReadOnlyMapping {
public:
    ReadOnlyMapping() = default;
    static Result<ReadOnlyMapping> map(const Region& region);
    std::span<const std::byte> bytes() const {
        return {static_cast<const std::byte*>(range_.base()), range_.size()};
    }

private:
    detail::MappedRange range_;
};

}  // namespace pf::os
