#include "pace_schedule.hpp"

#include <gtest/gtest.h>

namespace pf::driver {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(PaceSchedule, EveryFrameIsDueInItsOwnInterval) {
    for (const std::uint32_t rate : {1000u, 7000u, 23976u, 24000u, 29970u, 59000u, 59940u, 60000u,
                                     144000u, 239760u, 999999u, 1000000u}) {
        const PaceSchedule schedule(1234567, rate);
        for (std::uint64_t n = 0; n < 3000; ++n) {
            EXPECT_EQ(schedule.frame_at(schedule.due_ns(n)), n) << rate;
            if (n > 0) {
                EXPECT_EQ(schedule.frame_at(schedule.due_ns(n) - 1), n - 1) << rate;
            }
        }
    }
}

TEST(PaceSchedule, ADayLaterTheRateIsStillExact) {
    const PaceSchedule schedule(0, 144'000);
    constexpr std::int64_t kDay = 86400;
    EXPECT_EQ(schedule.due_ns(kDay * 144), kDay * kSecond);
    EXPECT_EQ(schedule.frame_at(kDay * kSecond), static_cast<std::uint64_t>(kDay * 144));
}

// Ten hours of frames, each asked for as the pacing does it: no step differs by more than the
// rounding to nanoseconds, and the last frame is where the rate puts it.
TEST(PaceSchedule, HoursOfFramesDoNotDrift) {
    for (const std::uint64_t rate : {23976u, 59940u, 119880u}) {
        const PaceSchedule schedule(0, static_cast<std::uint32_t>(rate));
        const std::uint64_t period_ns = 1'000'000'000'000 / rate;
        const std::uint64_t frames = 36'000 * rate / 1000;
        std::int64_t before_ns = schedule.due_ns(0);
        for (std::uint64_t n = 1; n <= frames; ++n) {
            const std::int64_t due_ns = schedule.due_ns(n);
            const auto step_ns = static_cast<std::uint64_t>(due_ns - before_ns);
            ASSERT_TRUE(step_ns == period_ns || step_ns == period_ns + 1) << rate << ' ' << n;
            before_ns = due_ns;
        }
        // 36,000 s are a whole number of frames at each of these rates.
        EXPECT_EQ(before_ns, 36'000 * kSecond) << rate;
    }
}

TEST(PaceSchedule, NothingIsDueBeforeTheStart) {
    EXPECT_EQ(PaceSchedule(1000, 60'000).frame_at(0), 0u);
    EXPECT_EQ(PaceSchedule(1000, 60'000).due_ns(0), 1000);
}

}  // namespace
}  // namespace pf::driver
