#include <pf/os/wait.hpp>

#include <signal.h>
#include <unistd.h>

#include <thread>

#include <gtest/gtest.h>

#include "test_support.hpp"

namespace pf::os {
namespace {

class Wait : public testing::Test {
protected:
    const Event event_ = *Event::create();
    const Event cancel_ = *Event::create();
    test::ForkedChild child_{[] {
        for (;;) {
            ::pause();
        }
    }};
    const Process process_ = *Process::open(child_.pid());
    const WaitSet all_{&event_, &process_, &cancel_};

    void kill_child() {
        child_.kill_and_reap();
        ASSERT_FALSE(process_.alive());
    }
};

TEST_F(Wait, OrderIsCancelEventProcess) {
    event_.signal();
    cancel_.signal();
    kill_child();
    EXPECT_EQ(wait(all_, 0), Woke::cancelled);
    EXPECT_EQ(wait(all_, kNever), Woke::cancelled) << "stays signalled";
    cancel_.clear();
    EXPECT_EQ(wait(all_, 0), Woke::event) << "not consumed by the cancelled waits";
    EXPECT_EQ(wait(all_, 0), Woke::process_exited);
    EXPECT_EQ(wait(all_, kNever), Woke::process_exited);
}

TEST_F(Wait, DeadlinePasses) {
    EXPECT_EQ(wait(all_, 0), Woke::deadline);
    EXPECT_EQ(wait(all_, -5), Woke::deadline);
    const std::int64_t deadline_ns = deadline_after(5 * kMillisecond);
    EXPECT_EQ(wait(all_, deadline_ns), Woke::deadline);
    EXPECT_GE(now_ns(), deadline_ns);
    EXPECT_EQ(wait({}, 0), Woke::deadline);
}

TEST_F(Wait, EmptyMembersAreNotWaitedFor) {
    const Event no_event;
    const Process no_process;
    EXPECT_EQ(wait({&no_event, &no_process, &no_event}, 0), Woke::deadline);
}

TEST_F(Wait, DeathWakesAWaiter) {
    std::thread killer([&] { child_.send_signal(SIGKILL); });
    EXPECT_EQ(wait(all_, test::soon()), Woke::process_exited);
    killer.join();
}

TEST_F(Wait, CancelWakesEveryWaiter) {
    std::thread first([&] { EXPECT_EQ(wait(all_, test::soon()), Woke::cancelled); });
    std::thread second([&] { EXPECT_EQ(wait(all_, test::soon()), Woke::cancelled); });
    cancel_.signal();
    first.join();
    second.join();
}

TEST_F(Wait, InterruptedWaitGoesOn) {
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = [](int) {};
    ::sigaction(SIGUSR1, &action, &before);
    std::atomic<bool> done{false};
    const pthread_t waiter = ::pthread_self();
    std::thread disturber([&] {
        while (!done) {
            ::pthread_kill(waiter, SIGUSR1);
            sleep_until(deadline_after(kMillisecond));
        }
    });
    EXPECT_EQ(wait(all_, deadline_after(30 * kMillisecond)), Woke::deadline);
    done = true;
    disturber.join();
    ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(Wait, EverySignalReachesOneOfTwoWaiters) {
    constexpr int kSignals = 200;
    const Event taken = *Event::create();
    std::atomic<int> woken{0};
    const auto waiter = [&] {
        while (wait({.event = &event_, .cancel = &cancel_}, kNever) == Woke::event) {
            ++woken;
            taken.signal();
        }
    };
    std::thread first(waiter);
    std::thread second(waiter);
    for (int i = 0; i < kSignals; ++i) {
        event_.signal();
        ASSERT_EQ(wait({.event = &taken}, test::soon()), Woke::event);
    }
    cancel_.signal();
    first.join();
    second.join();
    EXPECT_EQ(woken, kSignals);
}

}  // namespace
}  // namespace pf::os
