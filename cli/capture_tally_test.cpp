#include "capture_tally.hpp"

#include <gtest/gtest.h>
#include <pf/os/clock.hpp>

namespace pf::cli {
namespace {

constexpr std::int64_t kMs = os::kMillisecond;

host::FrameView at(std::int64_t published_ns, std::int64_t leased_ns) {
    host::FrameView view;
    view.times.published_ns = published_ns;
    view.times.leased_ns = leased_ns;
    return view;
}

TEST(CaptureTally, CountsTimesAndRates) {
    CaptureTally tally(0, 10 * kMs, false);
    for (int i = 0; i < 61; ++i) {
        const std::int64_t now = (20 + i * 10) * kMs;
        tally.frame(at(now - 100'000, now), now);
    }
    tally.timeout();
    const CaptureSummary s = tally.summary({});
    EXPECT_EQ(s.frames, 61U);
    EXPECT_EQ(s.timeouts, 1U);
    EXPECT_DOUBLE_EQ(s.open_ms, 10);
    EXPECT_DOUBLE_EQ(s.first_frame_ms, 10);
    EXPECT_DOUBLE_EQ(s.fps(), 100);
    EXPECT_DOUBLE_EQ(s.latency_us.p50, 100);
    EXPECT_DOUBLE_EQ(s.longest_gap_ms, 10);
}

TEST(CaptureTally, ARebuildIsTimedFromTheNoticeToTheFreshFrame) {
    CaptureTally tally(0, 0, false);
    tally.frame(at(0, 0), 100 * kMs);
    tally.rebuilt(host::RebuildReason::driver_died, 30 * kMs, 150 * kMs);
    tally.frame(at(0, 0), 165 * kMs);
    tally.frame(at(0, 0), 170 * kMs);
    const CaptureSummary s = tally.summary({});
    ASSERT_EQ(s.rebuild_log.size(), 1U);
    EXPECT_EQ(s.rebuild_log[0].reason, "driver died");
    EXPECT_EQ(s.rebuild_log[0].noticed_ns, 120 * kMs);
    EXPECT_EQ(s.rebuild_log[0].recovery_ms, 30);
    EXPECT_EQ(s.rebuild_log[0].fresh_frame_ms, 45);
    EXPECT_DOUBLE_EQ(s.longest_gap_ms, 65);
}

TEST(CaptureTally, TimesThatMakeNoSenseAreNoLatency) {
    CaptureTally tally(0, 0, false);
    tally.frame(at(0, 5), 5);     // the peer does not tell
    tally.frame(at(1000, 5), 5);  // published after it was taken
    EXPECT_EQ(tally.summary({}).latency_us.max, 0);
}

TEST(CaptureTally, NoFrameIsANegativeFirstFrame) {
    EXPECT_LT(CaptureTally(0, 0, false).summary({}).first_frame_ms, 0);
}

}  // namespace
}  // namespace pf::cli
