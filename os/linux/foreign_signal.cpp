#include "foreign_signal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid  // timer_create(2); glibc does not name it
#endif

namespace pf::os {

namespace {

// Far above what the write takes; the other process can cost us this much per signal.
constexpr long kLimitNs = 500'000;

int timer_signal() {
    return SIGRTMAX;
}

// No SA_RESTART: the purpose of the signal is that the write ends with EINTR.
bool install_handler() {
    struct sigaction action {};
    if (::sigaction(timer_signal(), nullptr, &action) != 0 || action.sa_handler != SIG_DFL) {
        return false;
    }
    action.sa_handler = [](int) {};
    return ::sigaction(timer_signal(), &action, nullptr) == 0;
}

bool unblock_timer_signal() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, timer_signal());
    return ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr) == 0;
}

// Sends its signal to the thread that made it, again and again while armed: the first may come
// just before the write begins.
class ThreadTimer {
public:
    ThreadTimer() {
        static const bool installed = install_handler();
        sigevent how{};
        how.sigev_notify = SIGEV_THREAD_ID;
        how.sigev_signo = timer_signal();
        how.sigev_notify_thread_id = ::gettid();
        usable_ = installed && unblock_timer_signal() &&
                  ::timer_create(CLOCK_MONOTONIC, &how, &timer_) == 0;
    }
    ThreadTimer(const ThreadTimer&) = delete;
    ThreadTimer& operator=(const ThreadTimer&) = delete;
    ~ThreadTimer() {
        if (usable_) {
            ::timer_delete(timer_);
        }
    }
    bool usable() const { return usable_; }
    void arm(long period_ns) {
        if (usable_) {
            const itimerspec period{{0, period_ns}, {0, period_ns}};
            ::timer_settime(timer_, 0, &period, nullptr);
        }
    }
    void disarm() { arm(0); }

private:
    timer_t timer_{};
    bool usable_ = false;
};

}  // namespace

void signal_foreign(int eventfd) {
    thread_local ThreadTimer timer;
    pollfd entry{eventfd, POLLOUT, 0};
    if (::poll(&entry, 1, 0) >= 0 && (entry.revents & POLLOUT) == 0) {
        return;  // full, so whoever waits is awake already
    }
    if (!timer.usable()) {
        ::fcntl(eventfd, F_SETFL, ::fcntl(eventfd, F_GETFL) | O_NONBLOCK);
    }
    const std::uint64_t one = 1;
    timer.arm(kLimitNs);
    (void)!::write(eventfd, &one, sizeof one);
    timer.disarm();
}

}  // namespace pf::os
