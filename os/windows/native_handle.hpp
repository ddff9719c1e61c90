// A handle as the system's calls want it. Internal to os/windows.
#pragma once

#include <windows.h>

#include <pf/os/handle.hpp>

namespace pf::os {

inline HANDLE handle_of(const Handle& handle) {
    return reinterpret_cast<HANDLE>(handle.native());
}

inline Handle adopt_handle(HANDLE handle) {
    return Handle::adopt(reinterpret_cast<Handle::Native>(handle));
}

// The rights that a handle is given when it goes to another process come from the handle that is
// duplicated. What an object's own list permits matters only to whoever asks for more than that,
// and nobody is to have more: the list is empty.
class NobodyElse {
public:
    NobodyElse();
    SECURITY_ATTRIBUTES* attributes() { return &attributes_; }

private:
    ACL empty_;
    SECURITY_DESCRIPTOR descriptor_;
    SECURITY_ATTRIBUTES attributes_;
};

// A wait's time in the system's milliseconds, rounded up: never before `deadline_ns`.
DWORD milliseconds_until(std::int64_t deadline_ns);

}  // namespace pf::os
