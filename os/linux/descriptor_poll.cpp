#include "descriptor_poll.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <pf/os/clock.hpp>

namespace pf::os {

namespace {

// Needs the least of the kernel that a look at them can.
bool look_at_each(std::span<pollfd> descriptors) {
    bool any = false;
    for (pollfd& descriptor : descriptors) {
        descriptor.revents = 0;
        any |= ::poll(&descriptor, 1, 0) > 0;
    }
    return any;
}

}  // namespace

bool poll_until(std::span<pollfd> descriptors, std::int64_t deadline_ns) {
    for (;;) {
        const std::int64_t now = now_ns();
        const std::int64_t left = deadline_ns > now ? deadline_ns - now : 0;
        const timespec timeout{left / kSecond, left % kSecond};
        const int ready = ::ppoll(descriptors.data(), descriptors.size(),
                                  deadline_ns == kNever ? nullptr : &timeout, nullptr);
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            // Out of kernel memory, or somebody lowered our limit of descriptors below their number
            // (EINVAL). Not a busy loop.
            if (look_at_each(descriptors)) {
                return true;
            }
            sleep_until(std::min(deadline_ns, deadline_after(kMillisecond)));
        }
        if (deadline_ns != kNever && now_ns() >= deadline_ns) {
            return false;
        }
    }
}

bool poll_one(const Handle& handle, short events, std::int64_t deadline_ns) {
    pollfd descriptor{descriptor_of(handle), events, 0};
    return poll_until({&descriptor, 1}, deadline_ns);
}

}  // namespace pf::os
