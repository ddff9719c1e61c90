#include <pf/os/interrupt.hpp>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>

#include "descriptor_poll.hpp"

namespace pf::os {

namespace {

// What a signal handler reaches has to be global: it takes no argument.
std::atomic<bool> g_interrupted{false};
std::atomic<int> g_event_descriptor{-1};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void on_interrupt(int number) {
    const int saved_errno = errno;
    if (g_interrupted.exchange(true)) {
        ::signal(number, SIG_DFL);
        ::raise(number);  // delivered when this handler returns
    }
    const std::uint64_t one = 1;
    (void)!::write(g_event_descriptor.load(), &one, sizeof one);
    errno = saved_errno;
}

bool install_handler() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    return ::sigaction(SIGINT, &action, nullptr) == 0 &&
           ::sigaction(SIGTERM, &action, nullptr) == 0;
}

}  // namespace

Result<const Event*> interrupt_event() {
    // Never destroyed: a signal may come while the process ends.
    static std::mutex* const mutex = new std::mutex;
    static Event* const event = new Event;
    const std::lock_guard lock(*mutex);
    if (*event) {
        return event;
    }
    Result<Event> created = Event::create();
    if (!created) {
        return tl::unexpected(created.error());
    }
    g_event_descriptor = descriptor_of(created->handle());
    if (!install_handler()) {
        return fail_last("handle interrupts", "cannot install the handler");
    }
    *event = std::move(*created);
    return event;
}

bool interrupted() {
    return g_interrupted.load();
}

}  // namespace pf::os
