#include <pf/os/clock.hpp>

#include <gtest/gtest.h>
#include <pf/os/test/hand_clock.hpp>
#include <pf/os/wait.hpp>

namespace pf::os {
namespace {

TEST(Clock, GoesForwardInNanoseconds) {
    const std::int64_t first = now_ns();
    sleep_until(first + 2 * kMillisecond);
    EXPECT_GE(now_ns(), first + 2 * kMillisecond);
}

TEST(Clock, TicksAreTheSameTimeInAnotherUnit) {
    const std::int64_t before = now_ns();
    const auto seconds = static_cast<double>(now_ticks()) / static_cast<double>(ticks_per_second());
    const std::int64_t after = now_ns();
    constexpr double kRounding = 1e-6;
    EXPECT_GE(seconds, static_cast<double>(before) / 1e9 - kRounding);
    EXPECT_LE(seconds, static_cast<double>(after) / 1e9 + kRounding);
}

TEST(Clock, DeadlinesSaturate) {
    EXPECT_EQ(deadline_after(kNever), kNever);
    EXPECT_EQ(deadline_after(kNever - 1), kNever);
    EXPECT_LE(deadline_after(-kSecond), now_ns());
}

TEST(Clock, SleepingUntilThePastReturns) {
    sleep_until(0);
    sleep_until(-1);
    sleep_until(now_ns() - kSecond);
}

TEST(Clock, TheSystemsOneIsTheSame) {
    const Clock& clock = system_clock();
    const std::int64_t first = now_ns();
    EXPECT_GE(clock.now_ns(), first);
    EXPECT_EQ(clock.deadline_after(kNever), kNever);
    const Flag flag = *Flag::create();
    WaitItem items[] = {flag};
    EXPECT_FALSE(clock.wait(items, clock.deadline_after(kMillisecond)));
    EXPECT_GE(now_ns(), first + kMillisecond);
    flag.set();
    EXPECT_TRUE(clock.wait(items, kNever));
}

TEST(Clock, AHandClockGoesToTheDeadlineOfAWait) {
    test::HandClock clock;
    const Flag flag = *Flag::create();
    WaitItem items[] = {flag};
    const std::int64_t deadline_ns = clock.deadline_after(40 * kSecond);
    EXPECT_FALSE(clock.wait(items, deadline_ns));
    EXPECT_EQ(clock.now_ns(), deadline_ns);
    clock.advance(kSecond);
    flag.set();
    EXPECT_TRUE(clock.wait(items, kNever));
    EXPECT_EQ(clock.now_ns(), deadline_ns + kSecond);
}

}  // namespace
}  // namespace pf::os
