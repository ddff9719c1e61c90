// What others do with the outputs: the capture goes where they are, and says what they show.
#include <gtest/gtest.h>

#include <pf/os/clock.hpp>
#include <pf/proto/cursor_origin.hpp>
#include <pf/proto/shared_access.hpp>

#include "x11/test/x11_fixture.hpp"

namespace pf::driver {
namespace {

constexpr X11Area kEverything{0, 0, 2560, 1440};

class X11Follow : public X11SourceTest {
protected:
    // A screen with room, every part of it in a color of its own.
    void plug_on_a_large_screen(bool hw_cursor = false) {
        plug(hw_cursor);
        ASSERT_TRUE(painter_->resize_screen({kEverything.width, kEverything.height}));
        painter_->open_window(kEverything, kGreen);
        painter_->open_window({1000, 600, 640, 480}, kRed);
        ASSERT_TRUE(ring_.await_pixel(320, 240, kGreen));
        home_ = painter_->place_of("DUMMY1");
    }
    void put(const Painter::Place& place) { ASSERT_TRUE(painter_->put("DUMMY1", place)); }
    bool await_source(const proto::SourceSize& size) {
        return eventually([&] { return ring_.source_size() == size; });
    }

    Painter::Place home_;
};

TEST_F(X11Follow, AnOutputThatIsMovedIsShownWhereItIs) {
    plug_on_a_large_screen();
    EXPECT_EQ(ring_.source_size(), (proto::SourceSize{640, 480, false}));
    put({1000, 600, home_.mode});
    EXPECT_TRUE(ring_.await_pixel(320, 240, kRed));
    EXPECT_EQ(ring_.pixel(639, 479), kRed);
    EXPECT_EQ(ring_.newest().flags & proto::kRecordFullDamage, proto::kRecordFullDamage);
    painter_->fill({1100, 700, 10, 10}, kGreen);
    EXPECT_TRUE(ring_.await_pixel(105, 105, kGreen));
    EXPECT_EQ(ring_.pixel(320, 240), kRed);
    put(home_);
    EXPECT_TRUE(ring_.await_pixel(320, 240, kGreen));
}

TEST_F(X11Follow, ThePointerMovesWithTheOutput) {
    plug_on_a_large_screen();
    painter_->set_pointer(16, 0xFFFFFF);
    put({1000, 600, home_.mode});
    painter_->move_pointer(1100, 700);
    EXPECT_TRUE(ring_.await_pixel(105, 105, 0xFFFFFF));
    EXPECT_EQ(ring_.pixel(98, 98), kRed);
}

// The contract counts in pixels of the desktop; where the monitor lies stands behind the section.
TEST_F(X11Follow, ThePointersChannelSaysWhereTheMonitorLies) {
    plug_on_a_large_screen(true);
    auto region = os::Region::create(proto::kCursorSectionOriginBytes, "test cursor");
    ASSERT_TRUE(region);
    const auto mapping = os::WritableMapping::map(*region);
    auto theirs = os::WritableMapping::map(*region);
    ASSERT_TRUE(mapping && theirs);
    auto& shared = *reinterpret_cast<proto::CursorShm*>(mapping->bytes().data());
    auto& origin = *reinterpret_cast<proto::CursorOrigin*>(mapping->bytes().data() +
                                                           proto::kCursorOriginOffset);
    origin.magic = proto::kCursorOriginMagic;
    shared.magic = proto::kCursorMagic;
    output_->attach_cursor({std::move(*region), std::move(*theirs)});
    painter_->set_pointer(16, 0xFFFFFF);
    put({1000, 600, home_.mode});
    painter_->move_pointer(1100, 700);
    const auto there = [&](std::int32_t x, std::int32_t y, std::int32_t left, std::int32_t top) {
        using proto::load_acquire;
        return load_acquire(shared.visible) != 0 && load_acquire(shared.x) == x &&
               load_acquire(shared.y) == y && load_acquire(origin.known) != 0 &&
               load_acquire(origin.x) == left && load_acquire(origin.y) == top;
    };
    EXPECT_TRUE(eventually([&] { return there(1100, 700, 1000, 600); }));
    put({900, 500, home_.mode});
    EXPECT_TRUE(eventually([&] { return there(1100, 700, 900, 500); }));
}

TEST_F(X11Follow, AnotherModeIsToldAndARingOfItsSizeShowsIt) {
    plug_on_a_large_screen();
    const auto other = painter_->add_mode("DUMMY1", {800, 600, 60});
    put({0, 0, other});
    EXPECT_TRUE(await_source({800, 600, false}));
    HostRing next(800, 600);
    next.attach_to(*output_);
    painter_->fill({790, 590, 10, 10}, kRed);
    EXPECT_TRUE(next.await_pixel(795, 595, kRed));
    EXPECT_EQ(next.source_size(), (proto::SourceSize{800, 600, false}));
    // What the host asks for afterwards holds, also its first mode again.
    ASSERT_TRUE(source_->set_mode(HostRing::kTarget, kMode));
    ring_.attach_to(*output_);
    EXPECT_TRUE(await_source({640, 480, false}));
    painter_->fill({600, 440, 40, 40}, kRed);
    EXPECT_TRUE(ring_.await_pixel(620, 460, kRed));
}

TEST_F(X11Follow, AnOutputThatIsOffIsToldAndComesBackWhole) {
    plug_on_a_large_screen();
    put({});
    EXPECT_TRUE(await_source({0, 0, true}));
    painter_->fill({0, 0, 640, 480}, kRed);
    const std::uint64_t beat = ring_.heartbeat();
    EXPECT_TRUE(eventually([&] { return ring_.heartbeat() > beat; }));
    EXPECT_NE(ring_.pixel(320, 240), kRed);
    put(home_);
    EXPECT_TRUE(await_source({640, 480, false}));
    EXPECT_TRUE(ring_.await_pixel(320, 240, kRed));
}

TEST_F(X11Follow, MonitorsThatChangePlacesNeverShowEachOther) {
    plug();
    plug_other();
    painter_->fill({0, 0, 640, 480}, kGreen);
    painter_->fill({640, 0, 640, 480}, kRed);
    ASSERT_TRUE(ring_.await_pixel(0, 0, kGreen));
    ASSERT_TRUE(other_ring_.await_pixel(0, 0, kRed));
    const auto first = painter_->place_of("DUMMY1");
    const auto second = painter_->place_of("DUMMY2");
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(painter_->put("DUMMY1", {second.x, second.y, first.mode}));
        ASSERT_TRUE(painter_->put("DUMMY2", {first.x, first.y, second.mode}));
        ASSERT_TRUE(ring_.await_pixel(0, 0, kRed)) << i;
        ASSERT_TRUE(other_ring_.await_pixel(0, 0, kGreen)) << i;
        ASSERT_TRUE(painter_->put("DUMMY1", first));
        ASSERT_TRUE(painter_->put("DUMMY2", second));
        ASSERT_TRUE(ring_.await_pixel(0, 0, kGreen)) << i;
        ASSERT_TRUE(other_ring_.await_pixel(0, 0, kRed)) << i;
    }
}

}  // namespace
}  // namespace pf::driver
