#include <pf/os/event.hpp>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "descriptor_poll.hpp"
#include "eventfd.hpp"
#include "foreign_signal.hpp"

namespace pf::os {

namespace {

bool is_eventfd(int descriptor) {
    char path[48];
    char target[48] = {};
    std::snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    const ssize_t length = ::readlink(path, target, sizeof target - 1);
    return length > 0 && std::strcmp(target, "anon_inode:[eventfd]") == 0;
}

// Whoever shares the file description can change this back at any time.
bool make_non_blocking(int descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFL);
    return flags >= 0 && ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0;
}

}  // namespace

Result<Event> Event::create() {
    const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0) {
        return fail_last("create event", "no descriptor for it");
    }
    return Event(Handle::adopt(descriptor));
}

Result<Event> Event::adopt(Handle handle) {
    if (!handle || !is_eventfd(descriptor_of(handle))) {
        return fail("adopt event", 0, Reaction::reject, "the handle is not an event");
    }
    if (!make_non_blocking(descriptor_of(handle))) {
        return fail_last("adopt event", "cannot make it non-blocking");
    }
    Event event(std::move(handle));
    event.adopted_ = true;
    return event;
}

void Event::signal() const {
    if (adopted_) {
        signal_foreign(descriptor_of(handle_));
        return;
    }
    const std::uint64_t one = 1;
    (void)!::write(descriptor_of(handle_), &one, sizeof one);
}

void Event::clear() const {
    consume_event(handle_);
}

bool consume_event(const Handle& handle) {
    std::uint64_t count = 0;
    const iovec target{&count, sizeof count};
    return ::preadv2(descriptor_of(handle), &target, 1, -1, RWF_NOWAIT) == sizeof count;
}

}  // namespace pf::os
