#include "x11_outputs.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include <pf/os/clock.hpp>

#include "x11/test/x11_fixture.hpp"
#include "xorg/xorg_server.hpp"

namespace pf::driver {
namespace {

constexpr std::array<std::uint8_t, 0> kNoEdid{};

// One server for all; every test leaves it without monitors.
class X11OutputsTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        place_ = new ServerPlace;
        const auto server = XorgServer::adopt_or_start({place_->path(), ""});
        ASSERT_TRUE(server) << server.error().message();
    }
    static void TearDownTestSuite() {
        delete place_;
        place_ = nullptr;
    }
    static X11Outputs open(const std::string& instance, bool whole_server) {
        auto outputs = X11Outputs::open(place_->endpoint(), {instance, whole_server},
                                        os::deadline_after(20 * os::kSecond));
        EXPECT_TRUE(outputs);
        return std::move(*outputs);
    }
    void SetUp() override {
        ASSERT_TRUE(outputs_.clear_all());
        before_ = painter_.randr();
    }
    void TearDown() override {
        ASSERT_TRUE(outputs_.clear_all());
        const RandrState after = painter_.randr();
        EXPECT_EQ(after.modes.size(), before_.modes.size());
        EXPECT_TRUE(after.lit_areas(0).empty());
    }

    static inline ServerPlace* place_ = nullptr;
    X11Outputs outputs_ = open("test", true);
    Painter painter_{place_->endpoint()};
    RandrState before_;
};

const RandrCrtc* crtc_of(const RandrState& state, const std::string& name) {
    const RandrOutput* output = state.output(name);
    return output != nullptr ? state.crtc(output->crtc) : nullptr;
}

TEST_F(X11OutputsTest, ShowsExactModesSideBySide) {
    const core::Mode modes[] = {
        {1920, 1080, 60}, {2560, 1440, 144}, {1366, 768, 59}, {5120, 1440, 240}};
    std::vector<X11Area> areas;
    for (std::uint32_t id = 1; id <= std::size(modes); ++id) {
        const auto area = outputs_.plug(id, modes[id - 1], kNoEdid);
        ASSERT_TRUE(area) << area.error().message();
        areas.push_back(*area);
    }
    const RandrState state = painter_.randr();
    for (std::uint32_t id = 1; id <= std::size(modes); ++id) {
        const RandrCrtc* crtc = crtc_of(state, "DUMMY" + std::to_string(id));
        ASSERT_NE(crtc, nullptr);
        EXPECT_EQ(crtc->area, areas[id - 1]);
        EXPECT_EQ(crtc->area.width, modes[id - 1].width);
        EXPECT_EQ(crtc->area.height, modes[id - 1].height);
    }
    EXPECT_EQ(crtc_of(state, "DUMMY0"), nullptr);
    EXPECT_EQ(state.screen, (X11Size{1920 + 2560 + 1366 + 5120, 1440}));
}

TEST_F(X11OutputsTest, FifteenFitAndComeBackToTheirPlaces) {
    std::vector<X11Area> areas;
    for (std::uint32_t id = 1; id <= 15; ++id) {
        const auto area = outputs_.plug(id, {1920 + id, 1080 + id, 60}, kNoEdid);
        ASSERT_TRUE(area) << id << ": " << area.error().message();
        areas.push_back(*area);
    }
    ASSERT_TRUE(outputs_.clear_all());
    X11Outputs again = open("test", true);
    for (std::uint32_t id = 15; id >= 1; --id) {
        EXPECT_EQ(*again.plug(id, {1920 + id, 1080 + id, 60}, kNoEdid), areas[id - 1]);
    }
    EXPECT_FALSE(again.plug(16, {640, 480, 60}, kNoEdid));
}

// A removal that was cut short after it took the mode off its output.
TEST_F(X11OutputsTest, AModeThatNoOutputHasIsInNobodysWay) {
    const core::Mode mode{400, 300, 60};
    painter_.leave_mode("test/2:400x300@60", mode);
    ASSERT_TRUE(outputs_.plug(2, {320, 240, 60}, kNoEdid));
    painter_.leave_mode("test/2:400x300@60", mode);
    const auto area = outputs_.set_mode(2, mode, kNoEdid);
    ASSERT_TRUE(area) << area.error().message();
    EXPECT_TRUE(outputs_.unplug(2));
    EXPECT_EQ(painter_.randr().modes.size(), before_.modes.size());
}

TEST_F(X11OutputsTest, RatesOfTheSameWholeHertzAreModesOfTheirOwn) {
    const auto lit_mode = [&] {
        const RandrState state = painter_.randr();
        const RandrCrtc* crtc = crtc_of(state, "DUMMY3");
        for (const RandrMode& mode : state.modes) {
            if (crtc != nullptr && mode.id == crtc->mode) {
                return mode.name;
            }
        }
        return std::string("none");
    };
    ASSERT_TRUE(outputs_.plug(3, {1280, 720, 60, 59940}, kNoEdid));
    EXPECT_EQ(lit_mode(), "test/3:1280x720@59.94");
    ASSERT_TRUE(outputs_.set_mode(3, {1280, 720, 60}, kNoEdid));
    EXPECT_EQ(lit_mode(), "test/3:1280x720@60");
    ASSERT_TRUE(outputs_.set_mode(3, {1280, 720, 24, 23976}, kNoEdid));
    EXPECT_EQ(lit_mode(), "test/3:1280x720@23.976");
}

TEST_F(X11OutputsTest, ChangesAModeInPlace) {
    ASSERT_TRUE(outputs_.plug(3, {1280, 720, 60}, kNoEdid));
    const auto wider = outputs_.set_mode(3, {2560, 1440, 120}, kNoEdid);
    ASSERT_TRUE(wider) << wider.error().message();
    EXPECT_EQ(*wider, (X11Area{0, 0, 2560, 1440}));
    const auto smaller = outputs_.set_mode(3, {800, 600, 60}, kNoEdid);
    ASSERT_TRUE(smaller) << smaller.error().message();
    const RandrState state = painter_.randr();
    EXPECT_EQ(crtc_of(state, "DUMMY3")->area, (X11Area{0, 0, 800, 600}));
    EXPECT_EQ(state.screen, (X11Size{800, 600}));
    EXPECT_EQ(state.modes.size(), before_.modes.size() + 1);
}

TEST_F(X11OutputsTest, AModeThatGrowsOverItsNeighbourMovesAway) {
    ASSERT_TRUE(outputs_.plug(1, {800, 600, 60}, kNoEdid));
    ASSERT_TRUE(outputs_.plug(2, {800, 600, 60}, kNoEdid));
    const auto moved = outputs_.set_mode(1, {1024, 768, 60}, kNoEdid);
    ASSERT_TRUE(moved);
    EXPECT_EQ(*moved, (X11Area{1600, 0, 1024, 768}));
    EXPECT_EQ(crtc_of(painter_.randr(), "DUMMY2")->area, (X11Area{800, 0, 800, 600}));
}

TEST_F(X11OutputsTest, ARefusalLeavesEverythingAsItWas) {
    ASSERT_TRUE(outputs_.plug(1, {800, 600, 60}, kNoEdid));
    const RandrState state = painter_.randr();
    EXPECT_EQ(outputs_.plug(1, {640, 480, 60}, kNoEdid).error().reaction, os::Reaction::reject);
    EXPECT_EQ(outputs_.plug(2, {16384, 16384, 1000}, kNoEdid).error().reaction,
              os::Reaction::reject);
    EXPECT_EQ(outputs_.set_mode(1, {16384, 16384, 1000}, kNoEdid).error().reaction,
              os::Reaction::reject);
    EXPECT_EQ(outputs_.set_mode(2, {640, 480, 60}, kNoEdid).error().reaction, os::Reaction::reject);
    const RandrState after = painter_.randr();
    EXPECT_EQ(after.modes.size(), state.modes.size());
    EXPECT_EQ(after.screen, state.screen);
    EXPECT_EQ(after.lit_areas(0), state.lit_areas(0));
    EXPECT_TRUE(outputs_.unplug(7));
    EXPECT_TRUE(outputs_.unplug(1));
    EXPECT_TRUE(outputs_.unplug(1));
}

TEST_F(X11OutputsTest, TheSmallestAndTheLargestModeWork) {
    const auto tiny = outputs_.plug(1, {1, 1, 1}, kNoEdid);
    EXPECT_TRUE(tiny) << tiny.error().message();
    const auto huge = outputs_.plug(2, {16384, 16384, 15}, kNoEdid);
    EXPECT_TRUE(huge) << huge.error().message();
}

TEST_F(X11OutputsTest, OnASharedServerOnlyOurOwnAreCleared) {
    X11Outputs guest = open("guest", false);
    ASSERT_TRUE(outputs_.plug(1, {800, 600, 60}, kNoEdid));
    ASSERT_TRUE(guest.plug(2, {800, 600, 60}, kNoEdid));
    ASSERT_TRUE(guest.clear_all());
    const RandrState state = painter_.randr();
    EXPECT_NE(crtc_of(state, "DUMMY1"), nullptr);
    EXPECT_EQ(crtc_of(state, "DUMMY2"), nullptr);
}

std::string primary_of(const RandrState& state) {
    for (const RandrOutput& output : state.outputs) {
        if (output.id == state.primary) {
            return output.name;
        }
    }
    return "none";
}

TEST_F(X11OutputsTest, ThePrimaryMovesOnWhenItDeparts) {
    ASSERT_TRUE(outputs_.plug(3, {800, 600, 60}, kNoEdid));
    EXPECT_EQ(primary_of(painter_.randr()), "DUMMY3");
    ASSERT_TRUE(outputs_.plug(1, {800, 600, 60}, kNoEdid));
    ASSERT_TRUE(outputs_.plug(2, {800, 600, 60}, kNoEdid));
    EXPECT_EQ(primary_of(painter_.randr()), "DUMMY3");
    ASSERT_TRUE(outputs_.unplug(2));
    EXPECT_EQ(primary_of(painter_.randr()), "DUMMY3");
    ASSERT_TRUE(outputs_.unplug(3));
    EXPECT_EQ(primary_of(painter_.randr()), "DUMMY1");
}

TEST_F(X11OutputsTest, AGuestsPrimaryMovesOnWhenItIsCleared) {
    X11Outputs guest = open("guest", false);
    ASSERT_TRUE(guest.plug(1, {800, 600, 60}, kNoEdid));
    ASSERT_TRUE(guest.plug(2, {800, 600, 60}, kNoEdid));
    ASSERT_TRUE(outputs_.plug(4, {800, 600, 60}, kNoEdid));
    ASSERT_EQ(primary_of(painter_.randr()), "DUMMY1");
    ASSERT_TRUE(guest.clear_all());
    EXPECT_EQ(primary_of(painter_.randr()), "DUMMY4");
}

TEST_F(X11OutputsTest, ARefusalNamesItsCauseInNumbers) {
    const auto said = [&](std::uint32_t monitor_id, const core::Mode& mode) {
        const auto plugged = outputs_.plug(monitor_id, mode, kNoEdid);
        return plugged ? std::string("taken") : plugged.error().message();
    };
    const auto has = [](const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    };
    const std::string clock = said(1, {7680, 4320, 240});
    EXPECT_TRUE(has(clock, "8184 MHz") && has(clock, "4294 MHz") && has(clock, "125 Hz")) << clock;
    ASSERT_EQ(said(1, {16384, 16384, 15}), "taken");
    const std::string room = said(3, {16384, 16384, 15});
    EXPECT_TRUE(has(room, "no room for 16384x16384 beside 1 monitor ") && has(room, "32767x32767"))
        << room;
    const std::string used = said(1, {640, 480, 60});
    EXPECT_TRUE(has(used, "DUMMY1 is in use")) << used;
    const std::string absent = said(99, {640, 480, 60});
    EXPECT_TRUE(has(absent, "no output DUMMY99") && has(absent, "16 outputs")) << absent;
}

// A property that the painter reads back: the EDID on the output.
TEST_F(X11OutputsTest, TheEdidFollowsTheMode) {
    const std::array<std::uint8_t, 3> first{1, 2, 3};
    const std::array<std::uint8_t, 2> second{4, 5};
    ASSERT_TRUE(outputs_.plug(1, {800, 600, 60}, first));
    EXPECT_EQ(painter_.edid("DUMMY1"), std::vector<std::uint8_t>(first.begin(), first.end()));
    ASSERT_TRUE(outputs_.set_mode(1, {600, 800, 60}, second));
    EXPECT_EQ(painter_.edid("DUMMY1"), std::vector<std::uint8_t>(second.begin(), second.end()));
    ASSERT_TRUE(outputs_.unplug(1));
    EXPECT_TRUE(painter_.edid("DUMMY1").empty());
}

// What desktops scale by: RandR's monitors, whose sizes the server derives from the screen's.
TEST_F(X11OutputsTest, MonitorsHaveTheUsualDensityAlsoAfterAResize) {
    ASSERT_TRUE(outputs_.plug(1, {1920, 1080, 60}, kNoEdid));
    ASSERT_TRUE(outputs_.plug(2, {1080, 1920, 60}, kNoEdid));
    ASSERT_TRUE(outputs_.set_mode(1, {3440, 1440, 60}, kNoEdid));
    const auto monitors = painter_.monitors();
    ASSERT_EQ(monitors.size(), 2U);
    for (const xcb_randr_monitor_info_t& each : monitors) {
        EXPECT_NEAR(each.width * 25.4 / each.width_in_millimeters, 96, 2);
        EXPECT_NEAR(each.height * 25.4 / each.height_in_millimeters, 96, 2);
    }
}

TEST_F(X11OutputsTest, ManyCyclesLeaveNothing) {
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(outputs_.plug(1 + i % 15, {640, 480, 60}, kNoEdid));
        ASSERT_TRUE(outputs_.unplug(1 + i % 15));
    }
    EXPECT_EQ(painter_.randr().modes.size(), before_.modes.size());
}

}  // namespace
}  // namespace pf::driver
