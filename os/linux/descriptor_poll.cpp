#include "descriptor_poll.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <pf/os/clock.hpp>

namespace pf::os {

bool poll_until(std::span<pollfd> descriptors, std::int64_t deadline_ns) {
    for (;;) {
        const std::int64_t left = std::max<std::int64_t>(0, deadline_ns - now_ns());
        const timespec timeout{left / kSecond, left % kSecond};
        const int ready = ::ppoll(descriptors.data(), descriptors.size(),
                                  deadline_ns == kNever ? nullptr : &timeout, nullptr);
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            // Out of kernel memory: the one failure a caller cannot cause. Not a busy loop.
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
