#include <pf/os/interrupt.hpp>

#include <windows.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include <pf/os/event.hpp>
#include <pf/os/thread.hpp>
#include <pf/os/wait.hpp>

#include "killed_exit_code.hpp"

namespace pf::os {

namespace {

// What the console's handler reaches has to be global: it takes no argument of ours.
std::atomic<std::int64_t> g_first_ns{0};  // when the first interrupt came; 0: none has
std::atomic<const Flag*> g_flag{nullptr};
std::atomic<const Event*> g_hurry{nullptr};  // null: no last resort stands by

// On a thread of the system's own. After a closed console, a logoff and a shutdown the process ends
// when this returns, so it stays here while the orderly end runs; the system ends it all the same.
BOOL WINAPI on_interrupt(DWORD kind) {
    const std::int64_t now = std::max<std::int64_t>(now_ns(), 1);
    std::int64_t first_ns = 0;
    if (g_first_ns.compare_exchange_strong(first_ns, now)) {
        g_flag.load()->set();
    } else if (now - first_ns >= kHurryAfter) {
        const Event* const waiting = g_hurry.load();
        if (waiting == nullptr) {
            ::TerminateProcess(::GetCurrentProcess(), kKilledExitCode);
        } else {
            waiting->signal();
        }
    }
    if (kind != CTRL_C_EVENT && kind != CTRL_BREAK_EVENT) {
        ::Sleep(INFINITE);
    }
    return TRUE;
}

}  // namespace

Result<const Flag*> interrupt_flag() {
    // Never destroyed: an interrupt may come while the process ends.
    static std::mutex* const mutex = new std::mutex;
    static Flag* const flag = new Flag;
    const std::lock_guard lock(*mutex);
    if (*flag) {
        return flag;
    }
    Result<Flag> created = Flag::create();
    if (!created) {
        return tl::unexpected(created.error());
    }
    *flag = std::move(*created);
    g_flag = flag;
    if (::SetConsoleCtrlHandler(on_interrupt, TRUE) == 0) {
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
    State(int code, Event its_hurry, Flag its_over)
        : exit_code(code), hurry(std::move(its_hurry)), over(std::move(its_over)) {}
    void run();

    const int exit_code;
    const Event hurry;
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
    ::TerminateProcess(::GetCurrentProcess(), static_cast<UINT>(exit_code));
}

LastResort::LastResort(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<LastResort>> LastResort::stand_by(int exit_code) {
    auto hurry = Event::create();
    auto over = Flag::create();
    if (!hurry || !over) {
        return tl::unexpected(!hurry ? hurry.error() : over.error());
    }
    auto state = std::make_unique<State>(exit_code, std::move(*hurry), std::move(*over));
    auto started = GuardedThread::start(
        "pf-last-resort", [&waiting = *state] { waiting.run(); },
        [exit_code](const Error&) {
            ::TerminateProcess(::GetCurrentProcess(), static_cast<UINT>(exit_code));
        });
    if (!started) {
        return tl::unexpected(started.error());
    }
    state->thread = std::move(*started);
    g_hurry = &state->hurry;
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
