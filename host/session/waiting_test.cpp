// The ways to wait for a session beside a next() that does: the caller's own poll loop, a callback,
// wake(), the pointer's changes; and what the log tells. Real drivers.
#include <poll.h>

#include <atomic>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pf/host/host.hpp>

#include "test/driver_process.hpp"

namespace pf::host {
namespace {

using test::DriverProcess;

constexpr Mode kMode{320, 180, 60};
constexpr Mode kOther{400, 300, 60};
constexpr std::int64_t kPatienceNs = 30 * os::kSecond;
constexpr int kPatienceMs = 30'000;

SessionOptions options(std::uint32_t client_id = 0) {
    SessionOptions made;
    made.mode = kMode;
    made.client_id = client_id;
    return made;
}

// A caller with a poll loop of its own.
class Poller {
public:
    explicit Poller(Session& session)
        : session_(session), handle_(static_cast<int>(session.wait_handle().value())) {}

    bool readable(int timeout_ms) const {
        pollfd entry{handle_, POLLIN, 0};
        return ::poll(&entry, 1, timeout_ms) == 1;
    }
    // The next thing that is no timeout, each wait a poll.
    Next event() {
        for (;;) {
            auto next = session_.next(0);
            EXPECT_TRUE(next) << next.error().message();
            if (!next || next->kind != NextKind::timeout) {
                return next ? std::move(*next) : Next{.kind = NextKind::closed};
            }
            if (!readable(kPatienceMs)) {
                ADD_FAILURE() << "nothing came";
                return {};
            }
        }
    }
    // Until the handle sleeps.
    void drain() {
        while (session_.next(0)->kind != NextKind::timeout) {
        }
    }

private:
    Session& session_;
    const int handle_;
};

class WaitingTest : public testing::Test {
protected:
    test::PrivateRuntime runtime_;
};

TEST_F(WaitingTest, APollLoopSeesFramesRebuildsAndTheEnd) {
    DriverProcess driver;
    auto session = Session::open(options()).value();
    Poller poller(*session);
    EXPECT_EQ(session->wait_handle().value(), session->wait_handle().value());
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(poller.event().kind, NextKind::frame) << i;
    }
    driver.kill();
    driver.restart();
    Next next = poller.event();
    while (next.kind == NextKind::frame) {
        next = poller.event();
    }
    EXPECT_EQ(next.kind, NextKind::rebuilt);
    EXPECT_EQ(next.reason, RebuildReason::driver_died);
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(poller.event().kind, NextKind::frame) << "of the new ring, " << i;
    }
    std::thread waker([&] { session->wake(); });
    while ((next = poller.event()).kind == NextKind::frame) {
    }
    EXPECT_EQ(next.kind, NextKind::woken);
    waker.join();
    std::thread closer([&] { session->close(); });
    while ((next = poller.event()).kind == NextKind::frame) {
    }
    EXPECT_EQ(next.kind, NextKind::closed);
    closer.join();
}

TEST_F(WaitingTest, TheHandleSleepsWhileNothingHappens) {
    DriverProcess driver("main", {"--pattern", "idle"});
    auto session = Session::open(options()).value();
    Poller poller(*session);
    ASSERT_EQ(poller.event().kind, NextKind::frame);
    poller.drain();
    EXPECT_FALSE(poller.readable(300));
    session->wake();
    EXPECT_TRUE(poller.readable(kPatienceMs));
}

// One polls, the other waits in next(): the ring's one signal reaches both.
TEST_F(WaitingTest, TwoSessionsOfOneMonitorWaitInTheirOwnWays) {
    DriverProcess driver;
    const auto displays = Displays::open({}).value();
    auto polled = displays->open_session(options(3)).value();
    auto waiting = displays->open_session(options(3)).value();
    std::thread other([&] {
        for (int i = 0; i < 100; ++i) {
            ASSERT_EQ(waiting->next(os::deadline_after(kPatienceNs))->kind, NextKind::frame) << i;
        }
    });
    Poller poller(*polled);
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(poller.event().kind, NextKind::frame) << i;
    }
    other.join();
}

TEST_F(WaitingTest, ACallbackIsCalledForAllOfIt) {
    DriverProcess driver;
    auto session = Session::open(options()).value();
    std::atomic<int> frames{0}, rebuilt{0}, closed{0};
    auto pump = Pump::start(*session, [&](os::Result<Next> next) {
        ASSERT_TRUE(next);
        frames += next->kind == NextKind::frame;
        rebuilt += next->kind == NextKind::rebuilt;
        closed += next->kind == NextKind::closed;
    });
    ASSERT_TRUE(pump);
    const auto eventually = [](auto done) {
        const std::int64_t deadline_ns = os::deadline_after(kPatienceNs);
        while (!done() && os::now_ns() < deadline_ns) {
            os::sleep_until(os::deadline_after(os::kMillisecond));
        }
        return done();
    };
    EXPECT_TRUE(eventually([&] { return frames.load() > 5; }));
    driver.kill();
    driver.restart();
    EXPECT_TRUE(eventually([&] { return rebuilt.load() == 1; }));
    pump->reset();
    EXPECT_EQ(closed.load(), 1);
}

TEST_F(WaitingTest, ACallbackThatThrowsEndsTheSession) {
    DriverProcess driver;
    auto session = Session::open(options()).value();
    const auto pump =
        Pump::start(*session, [](os::Result<Next>) { throw std::runtime_error("the caller's"); });
    ASSERT_TRUE(pump);
    const std::int64_t deadline_ns = os::deadline_after(kPatienceNs);
    const auto is_closed = [&] {
        const auto resized = session->resize(kOther);
        return !resized && kind(resized.error()) == ErrorKind::closed;
    };
    bool closed = is_closed();
    while (!closed && os::now_ns() < deadline_ns) {
        os::sleep_until(os::deadline_after(os::kMillisecond));
        closed = is_closed();
    }
    EXPECT_TRUE(closed);
}

// The picture of an idle pattern stands still, its pointer does not.
TEST_F(WaitingTest, ThePointersChangesEndAWait) {
    DriverProcess driver("main", {"--pattern", "small-damage"});
    SessionOptions with_pointer = options();
    with_pointer.hw_cursor = with_pointer.cursor_events = true;
    auto session = Session::open(with_pointer).value();
    ASSERT_TRUE(session->stats().cursor_channel);
    const std::int64_t deadline_ns = os::deadline_after(kPatienceNs);
    int changes = 0;
    while (changes < 5 && os::now_ns() < deadline_ns) {
        changes += session->next(deadline_ns)->kind == NextKind::cursor;
    }
    EXPECT_EQ(changes, 5);
    EXPECT_TRUE(session->cursor());
}

TEST_F(WaitingTest, APointerIsPutBackIntoTheFramesAtRunTime) {
    DriverProcess driver;
    SessionOptions with_pointer = options();
    with_pointer.hw_cursor = true;
    auto session = Session::open(with_pointer).value();
    const auto there = session->set_hw_cursor(false);
    EXPECT_TRUE(there) << there.error().message();
    EXPECT_TRUE(session->set_hw_cursor(true));
    auto without = Session::open(options()).value();
    const auto refused = without->set_hw_cursor(true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reaction, os::Reaction::fallback);
}

TEST_F(WaitingTest, TheLogTellsTheStepsOfARebuild) {
    DriverProcess driver;
    std::mutex mutex;
    std::vector<std::string> steps;
    std::vector<std::int64_t> times_ns;
    SessionOptions logged = options();
    logged.log = [&](const RebuildStep& step) {
        const std::lock_guard lock(mutex);
        if (step.what != RebuildStep::What::failed) {
            steps.push_back(std::string(to_string(step.what)) + " " + std::string(step.instance));
            times_ns.push_back(step.since_noticed_ns);
        }
        throw std::runtime_error("of the caller's");
    };
    auto session = Session::open(logged).value();
    {
        const std::lock_guard lock(mutex);
        EXPECT_THAT(steps, testing::ElementsAre("opened main", "added main", "attached main"));
        steps.clear();
        times_ns.clear();
    }
    driver.kill();
    driver.restart();
    while (session->next(os::deadline_after(kPatienceNs))->kind != NextKind::rebuilt) {
    }
    const std::lock_guard lock(mutex);
    EXPECT_THAT(steps,
                testing::ElementsAre("noticed main", "opened main", "added main", "attached main"));
    EXPECT_TRUE(std::is_sorted(times_ns.begin(), times_ns.end()));
}

}  // namespace
}  // namespace pf::host
