#include <pf/os/interrupt.hpp>

#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <vector>

#include <pf/os/thread.hpp>

#include "ignored_signal.hpp"

namespace pf::os {

namespace {

// What a signal handler reaches has to be global: it takes no argument.
std::atomic<std::int64_t> g_first_ns{0};  // when the first interrupt came; 0: none has
std::atomic<const Flag*> g_flag{nullptr};
std::atomic<sem_t*> g_hurry{nullptr};  // null: no last resort stands by
static_assert(std::atomic<std::int64_t>::is_always_lock_free &&
              std::atomic<const Flag*>::is_always_lock_free &&
              std::atomic<sem_t*>::is_always_lock_free);

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGQUIT, SIGXCPU, SIGHUP};

void hurry(int number) {
    if (sem_t* const waiting = g_hurry.load()) {
        ::sem_post(waiting);
        return;
    }
    ::signal(number, SIG_DFL);
    ::raise(number);  // delivered when the handler returns
}

void on_interrupt(int number) {
    const int saved_errno = errno;
    const std::int64_t now = std::max<std::int64_t>(now_ns(), 1);
    std::int64_t first_ns = 0;
    if (g_first_ns.compare_exchange_strong(first_ns, now)) {
        g_flag.load()->set();
    } else if (now - first_ns >= kHurryAfter) {
        hurry(number);
    }
    errno = saved_errno;
}

bool install_handler() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    return std::all_of(std::begin(kSignals), std::end(kSignals), [&action](int number) {
        return (number == SIGHUP && is_ignored(number)) ||
               ::sigaction(number, &action, nullptr) == 0;
    });
}

// Never destroyed: a handler may be about to post it.
sem_t* hurry_semaphore() {
    static sem_t* const semaphore = [] {
        sem_t* const made = new sem_t;
        ::sem_init(made, 0, 0);
        return made;
    }();
    return semaphore;
}

}  // namespace

Result<const Flag*> interrupt_flag() {
    // Never destroyed: a signal may come while the process ends.
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
    if (!install_handler()) {
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
    explicit State(int code) : exit_code(code) {}
    void run();

    const int exit_code;
    std::atomic<bool> over{false};
    std::mutex mutex;
    std::vector<std::function<void()>> ends;  // mutex
    GuardedThread thread;
};

void LastResort::State::run() {
    while (::sem_wait(hurry_semaphore()) != 0 && errno == EINTR) {
    }
    if (over) {
        return;
    }
    {
        const std::lock_guard lock(mutex);
        std::for_each(ends.rbegin(), ends.rend(), [](const auto& end) { end(); });
    }
    ::_exit(exit_code);
}

LastResort::LastResort(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<LastResort>> LastResort::stand_by(int exit_code) {
    auto state = std::make_unique<State>(exit_code);
    auto started = GuardedThread::start(
        "pf-last-resort", [&waiting = *state] { waiting.run(); },
        [exit_code](const Error&) { ::_exit(exit_code); });
    if (!started) {
        return tl::unexpected(started.error());
    }
    state->thread = std::move(*started);
    g_hurry = hurry_semaphore();
    return std::unique_ptr<LastResort>(new LastResort(std::move(state)));
}

LastResort::~LastResort() {
    g_hurry = nullptr;
    state_->over = true;
    ::sem_post(hurry_semaphore());
    state_->thread.join();
}

void LastResort::also(std::function<void()> end) {
    const std::lock_guard lock(state_->mutex);
    state_->ends.push_back(std::move(end));
}

}  // namespace pf::os
