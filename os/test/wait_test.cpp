#include <pf/os/wait.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "test_support.hpp"

namespace pf::os {
namespace {

class Wait : public testing::Test {
protected:
    const Event event_ = *Event::create();
    const Flag flag_ = *Flag::create();
    test::ForkedChild child_{test::sleep_forever};
    const Process process_ = *Process::open(child_.pid());
    WaitItem items_[3] = {event_, flag_, process_};

    bool wait_for_all(std::int64_t deadline_ns) { return wait(std::span(items_), deadline_ns); }
    // Which are ready, in the order of the items: "e", "f", "p".
    std::string found() const {
        std::string text;
        for (std::size_t i = 0; i < 3; ++i) {
            text += items_[i].ready() ? std::string(1, "efp"[i]) : "";
        }
        return text;
    }
    void kill_child() {
        child_.kill_and_reap();
        ASSERT_FALSE(process_.alive());
    }
};

TEST_F(Wait, TellsAllThatAreReadyTogether) {
    event_.signal();
    flag_.set();
    kill_child();
    EXPECT_TRUE(wait_for_all(0));
    EXPECT_EQ(found(), "efp");
    EXPECT_TRUE(wait_for_all(kNever));
    EXPECT_EQ(found(), "fp") << "the event was taken by the first wait";
    flag_.reset();
    EXPECT_TRUE(wait_for_all(kNever));
    EXPECT_EQ(found(), "p");
}

TEST_F(Wait, DeadlinePasses) {
    EXPECT_FALSE(wait_for_all(0));
    EXPECT_EQ(found(), "");
    EXPECT_FALSE(wait_for_all(-5));
    const std::int64_t deadline_ns = deadline_after(5 * kMillisecond);
    EXPECT_FALSE(wait_for_all(deadline_ns));
    EXPECT_GE(now_ns(), deadline_ns);
    EXPECT_FALSE(wait(std::span<WaitItem>(), 0));
}

TEST_F(Wait, WhatWasReadyBeforeIsForgotten) {
    event_.signal();
    EXPECT_TRUE(wait_for_all(0));
    EXPECT_FALSE(wait_for_all(0));
    EXPECT_EQ(found(), "");
}

TEST_F(Wait, ALookAtThePastTakesWhatIsThere) {
    event_.signal();
    EXPECT_TRUE(wait({event_}, INT64_MIN));
    EXPECT_FALSE(wait({event_}, INT64_MIN));
}

TEST_F(Wait, NothingIsNeverReady) {
    const Event no_event;
    const Flag no_flag;
    const Process no_process;
    const Event* const null_event = nullptr;
    const Flag* const null_flag = nullptr;
    const Process* const null_process = nullptr;
    RawSource* const null_source = nullptr;
    EXPECT_FALSE(wait(
        {nullptr, no_event, no_flag, no_process, null_event, null_flag, null_process, null_source},
        0));
}

TEST_F(Wait, DeathWakesAWaiter) {
    std::thread killer([&] { child_.send_signal(SIGKILL); });
    EXPECT_TRUE(wait_for_all(test::soon()));
    EXPECT_EQ(found(), "p");
    killer.join();
}

TEST_F(Wait, AProcessBehindAConnectionEndsWithIt) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    Handle theirs = Handle::adopt(ends[1]);
    const Process peer = Process::behind(Handle::adopt(ends[0]), 7);
    ASSERT_EQ(::send(ends[1], "x", 1, 0), 1);
    EXPECT_FALSE(wait({peer}, 0)) << "something to read is not its end";
    theirs.reset();
    EXPECT_TRUE(wait({peer}, test::soon()));
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
    EXPECT_FALSE(wait_for_all(deadline_after(30 * kMillisecond)));
    done = true;
    disturber.join();
    ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(Wait, EverySignalReachesOneOfTwoWaiters) {
    constexpr int kSignals = 200;
    const Event taken = *Event::create();
    std::atomic<int> woken{0};
    const auto waiter = [&] {
        WaitItem items[] = {event_, flag_};
        while (wait(std::span(items), kNever) && !items[1].ready()) {
            ++woken;
            taken.signal();
        }
    };
    std::thread first(waiter);
    std::thread second(waiter);
    for (int i = 0; i < kSignals; ++i) {
        event_.signal();
        ASSERT_TRUE(wait({taken}, test::soon()));
    }
    flag_.set();
    first.join();
    second.join();
    EXPECT_EQ(woken, kSignals);
}

TEST_F(Wait, AsManyAsOneLikes) {
    std::vector<Event> events;
    std::vector<WaitItem> items;
    for (int i = 0; i < 300; ++i) {
        events.push_back(*Event::create());
    }
    for (const Event& event : events) {
        items.emplace_back(event);
    }
    EXPECT_FALSE(wait(items, 0));
    events[299].signal();
    events[0].signal();
    EXPECT_TRUE(wait(items, kNever));
    EXPECT_TRUE(items[0].ready() && items[299].ready() && !items[150].ready());
}

// A limit below their number makes poll(2) fail for all of them.
TEST_F(Wait, ALimitOfDescriptorsBelowTheirNumberChangesNothing) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit low{2, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    const std::int64_t deadline_ns = deadline_after(20 * kMillisecond);
    EXPECT_FALSE(wait_for_all(deadline_ns));
    EXPECT_GE(now_ns(), deadline_ns);
    std::thread setter([&] {
        sleep_until(deadline_after(5 * kMillisecond));
        flag_.set();
    });
    EXPECT_TRUE(wait_for_all(test::soon()));
    EXPECT_EQ(found(), "f");
    setter.join();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

class PipeSource final : public RawSource {
public:
    PipeSource() { EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0); }
    ~PipeSource() override {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    Handle::Native native() const override { return ends_[0]; }
    bool has_queued() override {
        ++asked;
        return queued;
    }
    void write() const { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }

    bool queued = false;
    int asked = 0;

private:
    int ends_[2] = {};
};

TEST_F(Wait, ASourceWithSomethingQueuedIsNotSleptOn) {
    PipeSource source;
    EXPECT_FALSE(wait({source}, 0));
    EXPECT_EQ(source.asked, 1);
    source.queued = true;
    event_.signal();
    WaitItem items[] = {source, event_};
    EXPECT_TRUE(wait(std::span(items), kNever));
    EXPECT_TRUE(items[0].ready() && items[1].ready()) << "the others are looked at all the same";
    EXPECT_TRUE(wait(std::span(items), kNever));
    EXPECT_TRUE(items[0].ready() && !items[1].ready());
}

TEST_F(Wait, ASourceThatCanBeReadWakes) {
    PipeSource source;
    std::thread writer([&] { source.write(); });
    EXPECT_TRUE(wait({source, flag_}, test::soon()));
    writer.join();
}

}  // namespace
}  // namespace pf::os
