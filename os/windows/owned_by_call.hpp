// Owner of a thing of the system that a call of a table gives back. Internal to os/windows.
#pragma once

#include <utility>

#include <windows.h>

namespace pf::os {

// `Thing` compares with what stands for none; `Close` is a pointer to a function that takes one.
template <typename Thing, typename Close>
class OwnedByCall {
public:
    OwnedByCall(Thing thing, Thing none, Close close) : thing_(thing), none_(none), close_(close) {}
    OwnedByCall(OwnedByCall&& other) noexcept
        : thing_(std::exchange(other.thing_, other.none_)),
          none_(other.none_),
          close_(other.close_) {}
    OwnedByCall& operator=(OwnedByCall&&) = delete;
    // Keeps the last error, so that a failure can be told after this is gone.
    ~OwnedByCall() {
        if (*this) {
            const DWORD error = ::GetLastError();
            (void)close_(thing_);
            ::SetLastError(error);
        }
    }

    Thing get() const { return thing_; }
    Thing release() { return std::exchange(thing_, none_); }
    explicit operator bool() const { return thing_ != none_; }

private:
    Thing thing_;
    Thing none_;
    Close close_;
};

}  // namespace pf::os
