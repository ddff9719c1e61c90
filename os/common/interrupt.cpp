#include <pf/os/interrupt.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include <pf/os/event.hpp>
#include <pf/os/thread.hpp>
#include <pf/os/wait.hpp>

#include "interrupt_handler.hpp"

namespace pf::os {

namespace {

// What a handler reaches has to be global: it takes no argument. What is behind these is never
// destroyed: a handler may be about to use it while the process ends.
std::atomic<std::int64_t> g_first_ns{0};  // when the first interrupt came; 0: none has
std::atomic<const Flag*> g_flag{nullptr};
std::atomic<const Event*> g_hurry{nullptr};  // null: no last resort stands by
static_assert(std::atomic<std::int64_t>::is_always_lock_free &&
              std::atomic<const Flag*>::is_always_lock_free &&
              std::atomic<const Event*>::is_always_lock_free);

Result<const Event*> hurry_event() {
    static std::mutex* const mutex = new std::mutex;
    static Event* const event = new Event;
    const std::lock_guard lock(*mutex);
    if (!*event) {
        Result<Event> created = Event::create();
        if (!created) {
            return tl::unexpected(created.error());
        }
        *event = std::move(*created);
    }
    return event;
}

}  // namespace

bool note_interrupt() {
    const std::int64_t now = std::max<std::int64_t>(now_ns(), 1);
    std::int64_t first_ns = 0;
    if (g_first_ns.compare_exchange_strong(first_ns, now)) {
        g_flag.load()->set();
        return true;
    }
    if (now - first_ns < kHurryAfter) {
        return true;
    }
    const Event* const waiting = g_hurry.load();
    if (waiting != nullptr) {
        waiting->signal();
    }
    return waiting != nullptr;
}

Result<const Flag*> interrupt_flag() {
    static std::mutex* const mutex = new std::mutex;
    static Flag* const flag = new Flag;
    const std::lock_guard lock(*mutex);
    if (*flag) {
        return flag;
    }
    Result<Flag> created = Flag::create();
    const auto hurry = hurry_event();  // now, so that all that stays open is open from here on
    if (!created || !hurry) {
        return tl::unexpected(!created ? created.error() : hurry.error());
    }
    *flag = std::move(*created);
    g_flag = flag;
    if (!install_interrupt_handler()) {
        auto failed = fail_last("handle interrupts", "cannot install the handler");
        *flag = Flag();
        return failed;
    }
    return flag;
}

bool interrupted() {
    return g_first_ns.load() != 0;
}

struct LastResort::State {
    State(int code, const Event& its_hurry, Flag its_over)
        : exit_code(code), hurry(its_hurry), over(std::move(its_over)) {}
    void run();

    const int exit_code;
    const Event& hurry;
    const Flag over;
    std::mutex mutex;
    std::vector<std::function<void()>> ends;  // mutex
    GuardedThread thread;
};

void LastResort::State::run() {
    wait({hurry, over}, kNever);
    if (over.is_set()) {
        return;
    }
    {
        const std::lock_guard lock(mutex);
        std::for_each(ends.rbegin(), ends.rend(), [](const auto& end) { end(); });
    }
    end_at_once(exit_code);
}

LastResort::LastResort(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<LastResort>> LastResort::stand_by(int exit_code) {
    const auto hurry = hurry_event();
    auto over = Flag::create();
    if (!hurry || !over) {
        return tl::unexpected(!hurry ? hurry.error() : over.error());
    }
    auto state = std::make_unique<State>(exit_code, **hurry, std::move(*over));
    auto started = GuardedThread::start(
        "pf-last-resort", [&waiting = *state] { waiting.run(); },
        [exit_code](const Error&) { end_at_once(exit_code); });
    if (!started) {
        return tl::unexpected(started.error());
    }
    state->thread = std::move(*started);
    g_hurry = *hurry;
    return std::unique_ptr<LastResort>(new LastResort(std::move(state)));
}

LastResort::~LastResort() {
    g_hurry = nullptr;
    state_->over.set();
    state_->thread.join();
}

void LastResort::also(std::function<void()> end) {
    const std::lock_guard lock(state_->mutex);
    state_->ends.push_back(std::move(end));
}

}  // namespace pf::os
