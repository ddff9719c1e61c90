#include <pf/os/clock.hpp>

#include <gtest/gtest.h>

namespace pf::os {
namespace {

TEST(Clock, GoesForwardInNanoseconds) {
    const std::int64_t first = now_ns();
    sleep_until(first + 2 * kMillisecond);
    EXPECT_GE(now_ns(), first + 2 * kMillisecond);
    EXPECT_EQ(ticks_per_second(), 1'000'000'000u);
    EXPECT_GE(now_ticks(), static_cast<std::uint64_t>(first));
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

}  // namespace
}  // namespace pf::os
