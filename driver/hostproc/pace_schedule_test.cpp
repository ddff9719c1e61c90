#include "pace_schedule.hpp"

#include <gtest/gtest.h>

namespace pf::hostproc {
namespace {

TEST(PaceSchedule, EveryFrameIsDueInItsOwnInterval) {
    for (const std::uint32_t hz : {1u, 7u, 24u, 59u, 60u, 144u, 240u, 999u, 1000u}) {
        const PaceSchedule schedule(1234567, hz);
        for (std::uint64_t n = 0; n < 3000; ++n) {
            EXPECT_EQ(schedule.frame_at(schedule.due_ns(n)), n) << hz;
            if (n > 0) {
                EXPECT_EQ(schedule.frame_at(schedule.due_ns(n) - 1), n - 1) << hz;
            }
        }
    }
}

TEST(PaceSchedule, ADayLaterTheRateIsStillExact) {
    const PaceSchedule schedule(0, 144);
    constexpr std::uint64_t kDay = 86400;
    EXPECT_EQ(schedule.due_ns(kDay * 144), static_cast<std::int64_t>(kDay * 1'000'000'000));
    EXPECT_EQ(schedule.frame_at(static_cast<std::int64_t>(kDay * 1'000'000'000)), kDay * 144);
}

TEST(PaceSchedule, NothingIsDueBeforeTheStart) {
    EXPECT_EQ(PaceSchedule(1000, 60).frame_at(0), 0u);
    EXPECT_EQ(PaceSchedule(1000, 60).due_ns(0), 1000);
}

}  // namespace
}  // namespace pf::hostproc
