// What can be seen of processes from here. Internal to os/linux.
#pragma once

#include <poll.h>

#include <cstdint>

#include <pf/os/process.hpp>

namespace pf::os {

// Names the pid namespace that we live in; 0: it cannot be told.
std::uint64_t pid_namespace();

// Ready when the process has ended. A connection is readable for other reasons; that it hung up
// poll(2) reports unasked.
pollfd poll_end(const Process& process);

}  // namespace pf::os
