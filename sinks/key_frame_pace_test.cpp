#include "key_frame_pace.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace pf::sinks {
namespace {

constexpr std::int64_t kTicks = 1000;

// Frames each `step` ticks for a minute, looks each 250 in between: the longest way from key frame
// to key frame, and how many pictures were repeated.
struct Paced {
    std::int64_t longest = 0;
    int repeated = 0;
};
Paced pace_frames(std::int64_t step) {
    KeyFramePace pace(kTicks);
    Paced paced;
    std::int64_t last_key = 0, last_look = 0;
    const auto show = [&](std::int64_t tick) {
        const bool key = pace.key_due(tick);
        pace.shown(tick, key);
        if (key) {
            paced.longest = std::max(paced.longest, tick - last_key);
            last_key = tick;
        }
    };
    for (std::int64_t tick = 0; tick < 60 * kTicks; ++tick) {
        if (tick % step == 0) {
            show(tick);
            last_look = tick;
        } else if (tick - last_look == 250) {
            last_look = tick;
            if (pace.repeat_due(tick)) {
                show(tick);
                ++paced.repeated;
            }
        }
    }
    return paced;
}

TEST(KeyFramePace, AKeyFrameLiesInEachTwoSecondsWhateverTheRate) {
    for (const std::int64_t step :
         {1, 4, 16, 33, 249, 251, 700, 999, 1000, 1001, 1900, 5000, 70000}) {
        const Paced paced = pace_frames(step);
        EXPECT_LE(paced.longest, 2 * kTicks) << step;
        EXPECT_GE(paced.longest, kTicks) << step << ": more than are of use";
        if (step <= 250) {
            EXPECT_EQ(paced.repeated, 0) << step;
        }
    }
}

}  // namespace
}  // namespace pf::sinks
