// A render loop calls next() with a deadline in the past, and closes whenever it likes, whatever
// the driver does just then. Real drivers in each of their states; the calls are counted.
#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include <pf/host/host.hpp>

#include "test/driver_process.hpp"

namespace pf::host {
namespace {

using test::DriverProcess;

constexpr Mode kMode{320, 180, 60};
constexpr Mode kOther{400, 300, 60};
constexpr std::int64_t kPatienceNs = 30 * os::kSecond;

// For a stopped driver: long enough to be noticed, and for a rebuild to be under way.
constexpr int kCalls = 400;
constexpr std::int64_t kBetweenNs = 10 * os::kMillisecond;

// What a caller who must not wait may be kept for. The machine itself takes a thread's turn away
// now and then, so that a state is measured again when it does.
constexpr std::int64_t kMost99Ns = 2 * os::kMillisecond;
constexpr std::int64_t kMostNs = 50 * os::kMillisecond;
constexpr std::int64_t kMostCloseNs = 3 * os::kSecond;
constexpr int kTries = 3;

std::unique_ptr<Session> open_session() {
    SessionOptions options;
    options.mode = kMode;
    return Session::open(options).value();
}

struct State {
    const char* name;
    const char* pattern;
    void (*enter)(DriverProcess& driver);
    bool resizes = false;  // another thread asks for a mode meanwhile
};

void stay(DriverProcess&) {}
void kill_it(DriverProcess& driver) {
    driver.kill();
}
void suspend_it(DriverProcess& driver) {
    driver.suspend();
}
void end_it(DriverProcess& driver) {
    driver.stop();
}

const State kStates[] = {
    {"streaming", "copy", stay},          {"idle", "idle", stay},
    {"killed", "copy", kill_it},          {"stopped", "copy", suspend_it},
    {"absent", "copy", end_it},           {"mid_resize", "copy", suspend_it, true},
    {"stopped_idle", "idle", suspend_it},
};

struct Measured {
    std::int64_t at_99_ns = 0;
    std::int64_t most_ns = 0;
    std::int64_t close_ns = 0;

    bool holds() const {
        return at_99_ns <= kMost99Ns && most_ns <= kMostNs && close_ns <= kMostCloseNs;
    }
};

std::ostream& operator<<(std::ostream& out, const Measured& m) {
    return out << "next(): " << m.at_99_ns / 1000 << " us at 99 %, " << m.most_ns / 1000
               << " us at most; close and destructor: " << m.close_ns / 1'000'000 << " ms";
}

// Calls that find nothing to do and nobody to wait for.
void call_next(Session& session, Measured& measured) {
    std::vector<std::int64_t> took_ns;
    for (int i = 0; i < kCalls; ++i) {
        const std::int64_t begun_ns = os::now_ns();
        const auto next = session.next(begun_ns - os::kSecond);
        took_ns.push_back(os::now_ns() - begun_ns);
        ASSERT_TRUE(next) << next.error().message();
        os::sleep_until(os::deadline_after(kBetweenNs));
    }
    std::sort(took_ns.begin(), took_ns.end());
    measured.at_99_ns = took_ns[kCalls * 99 / 100];
    measured.most_ns = took_ns.back();
}

Measured measure(const State& state) {
    Measured measured;
    DriverProcess driver("main", {"--pattern", state.pattern});
    auto session = open_session();
    EXPECT_EQ(session->next(os::deadline_after(kPatienceNs))->kind, NextKind::frame);
    state.enter(driver);
    std::thread resizer;
    os::Result<void> resized;
    if (state.resizes) {
        resizer = std::thread([&] { resized = session->resize(kOther); });
    }
    call_next(*session, measured);
    const std::int64_t begun_ns = os::now_ns();
    session->close();
    if (resizer.joinable()) {
        resizer.join();
        EXPECT_FALSE(resized);
    }
    session.reset();
    measured.close_ns = os::now_ns() - begun_ns;
    driver.resume();
    return measured;
}

class DeadlineTest : public testing::TestWithParam<State> {
protected:
    test::PrivateRuntime runtime_;
};

TEST_P(DeadlineTest, IsKept) {
    Measured measured;
    for (int i = 0; i < kTries && (i == 0 || !measured.holds()) && !HasFailure(); ++i) {
        measured = measure(GetParam());
        std::cout << GetParam().name << ": " << measured << "\n";
    }
    EXPECT_TRUE(measured.holds()) << measured;
}

INSTANTIATE_TEST_SUITE_P(Drivers, DeadlineTest, testing::ValuesIn(kStates),
                         [](const auto& state) { return state.param.name; });

// While it waits for a driver that stands still.
TEST(RebuildTest, AResizeIsEndedByClose) {
    test::PrivateRuntime runtime;
    DriverProcess driver;
    auto session = open_session();
    driver.suspend();
    os::Result<void> resized;
    std::thread resizer([&] { resized = session->resize(kOther); });
    os::sleep_until(os::deadline_after(100 * os::kMillisecond));
    session->close();
    resizer.join();
    ASSERT_FALSE(resized);
    session.reset();
    driver.resume();
}

// The connection was given up before, and another session of this process lives on.
TEST(RebuildTest, WhatIsClosedWhileTheDriverStandsStillIsGoneWhenThatGoesOn) {
    test::PrivateRuntime runtime;
    DriverProcess driver;
    const auto other = open_session();
    auto session = open_session();
    driver.suspend();
    const std::int64_t deadline_ns = os::deadline_after(kPatienceNs);
    while (!session->stats().rebuilding && os::now_ns() < deadline_ns) {
        os::sleep_until(os::deadline_after(5 * os::kMillisecond));
    }
    ASSERT_TRUE(session->stats().rebuilding);
    session.reset();
    driver.resume();
    std::size_t left = 0;
    do {
        os::sleep_until(os::deadline_after(5 * os::kMillisecond));
        left = test::find_instance("main").monitors.size();
    } while (left != 1 && os::now_ns() < deadline_ns);
    EXPECT_EQ(left, 1u);
}

// Nobody calls next() while the driver dies and comes back.
TEST(RebuildTest, GoesOnWithoutItsReader) {
    test::PrivateRuntime runtime;
    DriverProcess driver;
    auto session = open_session();
    driver.kill();
    driver.restart();
    const std::int64_t deadline_ns = os::deadline_after(kPatienceNs);
    while (session->stats().driver_pid != driver.pid() && os::now_ns() < deadline_ns) {
        os::sleep_until(os::deadline_after(5 * os::kMillisecond));
    }
    EXPECT_EQ(session->stats().driver_pid, driver.pid());
    const auto next = session->next(deadline_ns);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->kind, NextKind::rebuilt);
    EXPECT_EQ(next->reason, RebuildReason::driver_died);
    EXPECT_EQ(session->next(deadline_ns)->kind, NextKind::frame);
}

}  // namespace
}  // namespace pf::host
