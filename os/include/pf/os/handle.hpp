// One system handle with one owner. Threads: as an int.
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

    static Handle adopt(Native native) { return Handle(native); }

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
