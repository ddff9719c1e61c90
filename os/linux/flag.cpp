#include <pf/os/flag.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include "descriptor_poll.hpp"
#include "eventfd.hpp"

namespace pf::os {

Result<Flag> Flag::create() {
    const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0) {
        return fail_last("create flag", "no descriptor for it");
    }
    return Flag(Handle::adopt(descriptor));
}

void Flag::set() const {
    const std::uint64_t one = 1;
    (void)!::write(descriptor_of(handle_), &one, sizeof one);
}

void Flag::reset() const {
    consume_event(handle_);
}

bool Flag::is_set() const {
    return poll_one(handle_, POLLIN, 0);
}

}  // namespace pf::os
