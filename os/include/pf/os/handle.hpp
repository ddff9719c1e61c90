// One system handle with one owner, which knows the value that is none and how to close it. What it
// is a handle to is the type that holds it: an Event, a Region, a Process. Threads: as an int.
#pragma once

#include <cstdint>

#include <pf/os/result.hpp>

namespace pf::os {

class Handle {
public:
    using Native = std::intptr_t;  // a descriptor or a HANDLE
    static constexpr Native kNone = -1;

    Handle() = default;
    Handle(Handle&& other) noexcept : native_(other.release()) {}
    Handle& operator=(Handle&& other) noexcept;
    ~Handle() { reset(); }

    // `native` as a call of the system returned it: what stands for none there (Linux: below zero;
    // Windows: null and INVALID_HANDLE_VALUE) is an empty handle.
    static Handle adopt(Native native);

    Native native() const { return native_; }
    explicit operator bool() const { return native_ != kNone; }
    Native release();
    void reset();                      // closes
    Result<Handle> duplicate() const;  // close-on-exec

private:
    explicit Handle(Native native) : native_(native) {}
    Native native_ = kNone;
};

}  // namespace pf::os
