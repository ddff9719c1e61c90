// The worst that the other owner of a shared event can do to it; and what a poll loop sees.
#pragma once

#include <pf/os/event.hpp>

namespace pf::os::test {

// Signals it as often as the system counts, so that one more would block where that is possible.
void fill_and_make_blocking(const Event& event);
// Where a signal can block, it can from now on.
void make_blocking(const Event& event);

// As a caller's own loop finds a native handle to be (poll, WaitForSingleObject), by the deadline.
bool is_ready(Handle::Native native, std::int64_t deadline_ns = 0);

}  // namespace pf::os::test
