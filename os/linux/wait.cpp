#include <pf/os/wait.hpp>

#include "descriptor_poll.hpp"
#include "eventfd.hpp"
#include "process_view.hpp"

namespace pf::os {

namespace {

// ppoll skips entries with a negative descriptor, and an empty handle is one.
pollfd poll_entry(const Event* event) {
    return {event != nullptr ? descriptor_of(event->handle()) : -1, POLLIN, 0};
}

pollfd poll_entry(const Process* process) {
    return process != nullptr ? poll_end(*process) : pollfd{-1, 0, 0};
}

}  // namespace

Woke wait(const WaitSet& set, std::int64_t deadline_ns) {
    for (;;) {
        pollfd entries[] = {poll_entry(set.cancel), poll_entry(set.event), poll_entry(set.process),
                            poll_entry(set.interrupt)};
        if (!poll_until(entries, deadline_ns)) {
            return Woke::deadline;
        }
        if (entries[0].revents != 0) {
            return Woke::cancelled;
        }
        // Tried on a death as well: the last signal may fall between the looks at the two
        // descriptors. Not there although it was announced: another waiter took it.
        if (set.event != nullptr && consume_event(set.event->handle())) {
            return Woke::event;
        }
        if (set.interrupt != nullptr && consume_event(set.interrupt->handle())) {
            return Woke::event;
        }
        if (entries[2].revents != 0) {
            return Woke::process_exited;
        }
    }
}

}  // namespace pf::os
