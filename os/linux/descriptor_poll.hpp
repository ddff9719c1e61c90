// ppoll with an absolute deadline. Internal to os/linux.
#pragma once

#include <poll.h>

#include <cstdint>
#include <span>

#include <pf/os/handle.hpp>

namespace pf::os {

// True: `revents` of at least one entry is set. False: the deadline passed (an expired one polls
// once). Interrupted waits go on.
bool poll_until(std::span<pollfd> descriptors, std::int64_t deadline_ns);

// One descriptor; true when any of `events`, an error or a hang-up is there.
bool poll_one(const Handle& handle, short events, std::int64_t deadline_ns);

inline int descriptor_of(const Handle& handle) {
    return static_cast<int>(handle.native());
}

}  // namespace pf::os
