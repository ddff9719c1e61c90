#include <pf/os/handle.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace pf::os {

Handle Handle::adopt(Native native) {
    return Handle(native < 0 ? kNone : native);
}

void Handle::reset() {
    if (native_ != kNone) {
        // Never repeated on EINTR: Linux has closed the descriptor by then.
        ::close(static_cast<int>(release()));
    }
}

Result<Handle> Handle::duplicate() const {
    if (!*this) {
        return fail("duplicate handle", 0, Reaction::bug, "the handle is empty");
    }
    const int copy = ::fcntl(static_cast<int>(native_), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return fail_last("duplicate handle", "no descriptor for the copy");
    }
    return Handle::adopt(copy);
}

}  // namespace pf::os
