#include <pf/os/handle.hpp>

#include "native_handle.hpp"

namespace pf::os {

Handle Handle::adopt(Native native) {
    return Handle(native == 0 ? kNone : native);  // INVALID_HANDLE_VALUE is kNone already
}

void Handle::reset() {
    if (native_ != kNone) {
        ::CloseHandle(reinterpret_cast<HANDLE>(release()));
    }
}

Result<Handle> Handle::duplicate() const {
    if (!*this) {
        return fail("duplicate handle", 0, Reaction::bug, "the handle is empty");
    }
    HANDLE copy = nullptr;
    const HANDLE self = ::GetCurrentProcess();
    if (::DuplicateHandle(self, handle_of(*this), self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS) ==
        0) {
        return fail_last("duplicate handle", "no room for the copy");
    }
    return adopt_handle(copy);
}

NobodyElse::NobodyElse() : empty_{}, descriptor_{}, attributes_{} {
    ::InitializeAcl(&empty_, sizeof empty_, ACL_REVISION);
    ::InitializeSecurityDescriptor(&descriptor_, SECURITY_DESCRIPTOR_REVISION);
    ::SetSecurityDescriptorDacl(&descriptor_, TRUE, &empty_, FALSE);
    attributes_.nLength = sizeof attributes_;
    attributes_.lpSecurityDescriptor = &descriptor_;
}

}  // namespace pf::os
