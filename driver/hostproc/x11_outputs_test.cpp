#include "x11_outputs.hpp"

#include <gtest/gtest.h>

#include <array>

#include <pf/os/clock.hpp>

#include "x11_fixture_test.hpp"
#include "xorg_server.hpp"

namespace pf::hostproc {
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

TEST_F(X11OutputsTest, ChangesAModeInPlace) {
    ASSERT_TRUE(outputs_.plug(3, {1280, 720, 60}, kNoEdid));
    const auto wider = outputs_.set_mode(3, {2560, 1440, 120});
    ASSERT_TRUE(wider) << wider.error().message();
    EXPECT_EQ(*wider, (X11Area{0, 0, 2560, 1440}));
    const auto smaller = outputs_.set_mode(3, {800, 600, 60});
    ASSERT_TRUE(smaller) << smaller.error().message();
    const RandrState state = painter_.randr();
    EXPECT_EQ(crtc_of(state, "DUMMY3")->area, (X11Area{0, 0, 800, 600}));
    EXPECT_EQ(state.screen, (X11Size{800, 600}));
    EXPECT_EQ(state.modes.size(), before_.modes.size() + 1);
}

TEST_F(X11OutputsTest, AModeThatGrowsOverItsNeighbourMovesAway) {
    ASSERT_TRUE(outputs_.plug(1, {800, 600, 60}, kNoEdid));
    ASSERT_TRUE(outputs_.plug(2, {800, 600, 60}, kNoEdid));
    const auto moved = outputs_.set_mode(1, {1024, 768, 60});
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
    EXPECT_EQ(outputs_.set_mode(1, {16384, 16384, 1000}).error().reaction, os::Reaction::reject);
    EXPECT_EQ(outputs_.set_mode(2, {640, 480, 60}).error().reaction, os::Reaction::reject);
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

TEST_F(X11OutputsTest, ManyCyclesLeaveNothing) {
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(outputs_.plug(1 + i % 15, {640, 480, 60}, kNoEdid));
        ASSERT_TRUE(outputs_.unplug(1 + i % 15));
    }
    EXPECT_EQ(painter_.randr().modes.size(), before_.modes.size());
}

}  // namespace
}  // namespace pf::hostproc
