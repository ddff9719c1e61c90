#include "video_timeline.hpp"

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>

namespace pf::sinks {
namespace {

host::FrameTimes at(std::int64_t present_ns, std::int64_t leased_ns) {
    host::FrameTimes times;
    times.present_ns = present_ns;
    times.leased_ns = leased_ns;
    return times;
}

TEST(VideoTimeline, FollowsThePresentTimes) {
    VideoTimeline timeline(1000);
    const std::int64_t start = 3 * os::kSecond;
    EXPECT_EQ(timeline.place(at(start, start + 5)), 0);
    EXPECT_EQ(timeline.place(at(start + 16 * os::kMillisecond, start + os::kSecond / 20)), 16);
    EXPECT_EQ(timeline.place(at(start + 2 * os::kSecond, start + 2 * os::kSecond + 1)), 2000);
}

TEST(VideoTimeline, TicksAlwaysGrow) {
    VideoTimeline timeline(1000);
    EXPECT_EQ(timeline.place(at(os::kSecond, os::kSecond)), 0);
    EXPECT_EQ(timeline.place(at(os::kSecond, os::kSecond)), 1);
    EXPECT_EQ(timeline.place(at(os::kSecond / 2, os::kSecond)), 2);
    EXPECT_EQ(timeline.place(at(0, os::kSecond + 9 * os::kMillisecond)), 9);
}

TEST(VideoTimeline, ADriverCannotStretchTheFile) {
    VideoTimeline timeline(1000);
    const std::int64_t start = 1000 * os::kSecond;
    EXPECT_EQ(timeline.place(at(1, start)), 0);  // claims to be from the boot
    EXPECT_LE(timeline.place(at(INT64_MAX, start + os::kMillisecond)), 101);
    EXPECT_LE(timeline.place(at(INT64_MIN, start + 2 * os::kMillisecond)), 102);
}

TEST(VideoTimeline, TheEndRepeatsOnlyAfterAPause) {
    VideoTimeline timeline(1000);
    EXPECT_EQ(timeline.place_end(os::kSecond, 16), -1);  // no frame yet
    timeline.place(at(os::kSecond, os::kSecond));
    EXPECT_EQ(timeline.place_end(0, 16), -1);
    EXPECT_EQ(timeline.place_end(os::kSecond + 20 * os::kMillisecond, 16), -1);
    EXPECT_EQ(timeline.place_end(3 * os::kSecond, 16), 1984);
}

TEST(VideoTimeline, APictureThatStandsIsPlacedByTheClock) {
    VideoTimeline timeline(1000);
    EXPECT_EQ(timeline.tick_of(os::kSecond), -1);  // no frame yet
    timeline.place(at(os::kSecond, os::kSecond));
    EXPECT_EQ(timeline.tick_of(3 * os::kSecond), 2000);
    EXPECT_EQ(timeline.place_again(3 * os::kSecond), 2000);
    EXPECT_EQ(timeline.place(at(2 * os::kSecond, 3 * os::kSecond)), 2001) << "composed before it";
}

}  // namespace
}  // namespace pf::sinks
