#include "x11_layout.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "x11_timing.hpp"

namespace pf::driver {
namespace {

constexpr X11Limits kLimits{{64, 64}, {32767, 32767}, 536'000'000};

TEST(X11Layout, GrowsToTheRightThenDown) {
    std::vector<X11Area> taken;
    for (int i = 0; i < 15; ++i) {
        const auto area = place(taken, {5120, 2880}, std::nullopt, kLimits);
        ASSERT_TRUE(area);
        for (const X11Area& other : taken) {
            EXPECT_FALSE(overlap(*area, other));
        }
        taken.push_back(*area);
    }
    EXPECT_EQ(taken[5], (X11Area{25600, 0, 5120, 2880}));
    EXPECT_EQ(taken[6], (X11Area{0, 2880, 5120, 2880}));
    EXPECT_TRUE(fits(kLimits, bounds(taken)));
}

TEST(X11Layout, FillsTheFirstHoleThatIsWideEnough) {
    const std::vector<X11Area> taken{{1920, 0, 1280, 720}, {3200, 0, 800, 600}};
    EXPECT_EQ(place(taken, {1920, 1080}, std::nullopt, kLimits), (X11Area{0, 0, 1920, 1080}));
    EXPECT_EQ(place(taken, {2560, 720}, std::nullopt, kLimits), (X11Area{4000, 0, 2560, 720}));
}

TEST(X11Layout, ComesBackToItsOldPlaceWhileThatIsFree) {
    const std::vector<X11Area> taken{{0, 0, 1280, 720}};
    const X11Area old{5000, 0, 800, 600};
    EXPECT_EQ(place(taken, {800, 600}, old, kLimits), old);
    EXPECT_EQ(place(std::vector{old}, {800, 600}, old, kLimits), (X11Area{0, 0, 800, 600}));
    EXPECT_EQ(place(taken, {800, 600}, X11Area{-5, 0, 800, 600}, kLimits)->x, 1280);
}

TEST(X11Layout, RefusesWhatTheScreenCannotHold) {
    const std::vector<X11Area> taken{{0, 0, 16384, 16384}};
    EXPECT_TRUE(place(taken, {16383, 16000}, std::nullopt, kLimits));
    const std::vector<X11Area> two{{0, 0, 16384, 16384}, {16384, 0, 16383, 16000}};
    EXPECT_FALSE(place(two, {16384, 16384}, std::nullopt, kLimits));
}

TEST(X11Layout, ShrinksOnlyWhenNobodyElseLooks) {
    const std::vector<X11Area> other{{0, 0, 800, 600}};
    const X11Size current{4000, 2000};
    EXPECT_EQ(next_screen(current, other, std::nullopt, kLimits), current);
    EXPECT_EQ(next_screen(current, other, X11Area{800, 0, 4000, 600}, kLimits),
              (X11Size{4800, 2000}));
    EXPECT_EQ(next_screen(current, {}, X11Area{0, 0, 1280, 720}, kLimits), (X11Size{1280, 720}));
    EXPECT_EQ(next_screen(current, {}, X11Area{0, 0, 1, 1}, kLimits), (X11Size{64, 64}));
    EXPECT_EQ(next_screen(current, {}, std::nullopt, kLimits), (X11Size{1024, 768}));
}

TEST(X11Timing, IsExactAndEndsAtThirtyTwoBits) {
    const auto timing = make_timing({1920, 1080, 60});
    ASSERT_TRUE(timing);
    EXPECT_EQ(timing->dot_clock_hz, 2080U * 1110U * 60U);
    EXPECT_EQ(timing->htotal, 2080);
    EXPECT_EQ(timing->vtotal, 1110);
    EXPECT_TRUE(make_timing({5120, 1440, 240}));
    for (const std::uint32_t millihertz : {23976U, 59940U, 119880U, 59999U}) {
        const core::Mode mode{1920, 1080, (millihertz + 500) / 1000, millihertz};
        const auto exact = make_timing(mode);
        ASSERT_TRUE(exact);
        const double hz = exact->dot_clock_hz / (2080.0 * 1110.0);
        EXPECT_NEAR(hz * 1000, millihertz, 0.001) << "RandR counts whole hertz of pixels";
    }
    const auto too_fast = make_timing({16384, 16384, 1000});
    ASSERT_FALSE(too_fast);
    EXPECT_EQ(too_fast.error().reaction, os::Reaction::reject);
}

}  // namespace
}  // namespace pf::driver
