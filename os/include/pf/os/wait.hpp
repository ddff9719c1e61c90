// One wait for everything that can end a wait for a frame.
#pragma once

#include <cstdint>

#include <pf/os/event.hpp>
#include <pf/os/process.hpp>

namespace pf::os {

enum class Woke { event, process_exited, cancelled, deadline };

struct WaitSet {
    const Event* event = nullptr;  // consumed by the wait that reports it
    const Process* process = nullptr;
    const Event* cancel = nullptr;  // left signalled: every waiter sees it
    // As `event`, beside it: where that is shared with another process, a wait is ended from here
    // by one that is not.
    const Event* interrupt = nullptr;
};

// Null members are not waited for. When several are ready: cancelled, then event, then
// process_exited; a frame that was published before the death is still delivered.
Woke wait(const WaitSet& set, std::int64_t deadline_ns);

}  // namespace pf::os
