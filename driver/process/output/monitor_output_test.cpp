#include "monitor_output.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>
#include <pf/os/test/open_handles.hpp>
#include <pf/os/wait.hpp>

#include "process/test/hand_ring.hpp"
#include "process/test/scratch.hpp"

namespace pf::driver {
namespace {

using test::HandRing;

bool signalled(const os::Event& event) {
    return os::wait({event}, os::now_ns());
}

class MonitorOutputTest : public testing::Test {
protected:
    static std::unique_ptr<MonitorOutput> make(bool hw_cursor = false) {
        core::PublisherConfig config;
        config.target_id = 1;
        return std::move(*MonitorOutput::create(config, hw_cursor));
    }
    static void attach(MonitorOutput& output, const HandRing& ring) {
        output.attach(ring.for_driver(), ring.plan().generation, ring.plan().ring_len);
    }
    static bool publish(MonitorOutput& output, std::uint64_t sequence) {
        auto drawing = draw(output, sequence);
        if (!drawing) {
            return false;
        }
        const proto::RingGeometry& g = drawing->geometry();
        pattern::paint_stamps(drawing->pixels(), g.pitch_bytes, g.width, g.height,
                              proto::bytes_per_pixel(g.dxgi_format), 1, sequence);
        drawing->publish();
        return true;
    }
    static tl::expected<Drawing, NoDrawing> draw(MonitorOutput& output, std::uint64_t sequence,
                                                 std::uint32_t width = 64) {
        core::FrameInfo frame;
        frame.source_sequence = sequence;
        frame.damage = core::DamageRegion::full();
        const std::uint32_t format = proto::kFormatBgra8;
        return output.draw({width, 32, {&format, 1}, frame});
    }
};

TEST_F(MonitorOutputTest, AFrameArrivesWhole) {
    HandRing ring({});
    auto output = make();
    attach(*output, ring);
    EXPECT_EQ(ring.status(), proto::kDriverStatusOpened);
    ASSERT_TRUE(publish(*output, 5));
    const auto taken = ring.take();
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->record.seq, 1u);
    EXPECT_EQ(taken->record.source_sequence, 5u);
    EXPECT_TRUE(ring.verify(*taken).whole);
}

TEST_F(MonitorOutputTest, TheEventIsForAReaderThatWaits) {
    HandRing ring({});
    auto output = make();
    attach(*output, ring);
    publish(*output, 1);
    EXPECT_FALSE(signalled(ring.event()));
    ring.ring().reader.waiting = 1;
    publish(*output, 2);
    EXPECT_TRUE(signalled(ring.event()));
}

TEST_F(MonitorOutputTest, TheSourceIsToldOfEveryChange) {
    HandRing ring({});
    auto output = make(true);
    EXPECT_FALSE(signalled(output->changed()));
    attach(*output, ring);
    EXPECT_TRUE(signalled(output->changed()));
    output->set_cursor_forward(false);
    EXPECT_TRUE(signalled(output->changed()));
    output->detach();
    EXPECT_TRUE(signalled(output->changed()));
}

TEST_F(MonitorOutputTest, DetachLetsEverythingGo) {
    const HandRing ring({});
    auto output = make();
    const std::size_t before = os::test::open_handles();
    attach(*output, ring);
    EXPECT_EQ(os::test::open_handles(), before + 8);
    EXPECT_TRUE(output->attached());
    output->detach();
    EXPECT_EQ(os::test::open_handles(), before);
    EXPECT_FALSE(publish(*output, 1));
}

// A monitor that departs takes its ring with it; a host that waits learns of it now, not at its
// next look at a heartbeat.
TEST_F(MonitorOutputTest, DetachTellsTheHostThatTheRingIsFinished) {
    HandRing ring({});
    auto output = make();
    attach(*output, ring);
    publish(*output, 1);
    EXPECT_EQ(ring.header().health_state, proto::kHealthActive);
    (void)signalled(ring.event());
    output->detach();
    EXPECT_EQ(ring.header().health_state, proto::kHealthDead);
    EXPECT_TRUE(signalled(ring.event()));
    HandRing next({.generation = 2});
    attach(*output, next);
    EXPECT_NE(next.header().health_state, proto::kHealthDead);
}

TEST_F(MonitorOutputTest, ANewRingReplacesTheOld) {
    HandRing old({});
    HandRing next({.generation = 2});
    auto output = make();
    attach(*output, old);
    publish(*output, 1);
    const std::size_t one_ring = os::test::open_handles();
    attach(*output, next);
    EXPECT_EQ(os::test::open_handles(), one_ring);
    publish(*output, 2);
    EXPECT_EQ(old.take()->record.source_sequence, 1u);
    EXPECT_EQ(next.take()->record.source_sequence, 2u);
}

TEST_F(MonitorOutputTest, ADrawingThatEndsUnpublishedGivesItsSlotBack) {
    HandRing ring({});
    auto output = make();
    EXPECT_EQ(draw(*output, 1).error(), NoDrawing::no_ring);
    attach(*output, ring);
    EXPECT_TRUE(output->awaits_first_frame());
    std::uint32_t slot = 0;
    {
        const auto drawing = draw(*output, 1);
        ASSERT_TRUE(drawing);
        slot = drawing->slot();
        EXPECT_EQ(ring.ring().records[slot].state, proto::kSlotWriting);
        output->heartbeat();  // nobody's lock is held
    }
    EXPECT_EQ(ring.ring().records[slot].state, proto::kSlotFree);
    EXPECT_TRUE(output->awaits_first_frame());
    EXPECT_TRUE(publish(*output, 2));
    EXPECT_FALSE(output->awaits_first_frame());
}

TEST_F(MonitorOutputTest, ADrawingSaysWhyThereIsNone) {
    HandRing ring({});
    auto output = make();
    attach(*output, ring);
    const std::uint64_t beat = ring.ring().writer.heartbeat_ticks;
    EXPECT_EQ(draw(*output, 1, 65).error(), NoDrawing::other_size);
    EXPECT_GT(ring.ring().writer.heartbeat_ticks, beat);
    EXPECT_EQ(proto::unpack_opened_detail(ring.detail()).mismatched, 1u);
    for (auto& lease : ring.ring().leases) {
        lease.held = 1;
    }
    EXPECT_EQ(draw(*output, 2).error(), NoDrawing::no_slot);
}

TEST_F(MonitorOutputTest, WhatIsDrawnIntoAReplacedRingStaysThere) {
    HandRing old({});
    HandRing next({.generation = 2});
    auto output = make();
    attach(*output, old);
    auto drawing = draw(*output, 1);
    ASSERT_TRUE(drawing);
    attach(*output, next);
    std::fill(drawing->pixels().begin(), drawing->pixels().end(), std::byte{1});
    drawing->publish();
    EXPECT_FALSE(old.take());
    EXPECT_FALSE(next.take());
}

TEST_F(MonitorOutputTest, ARingOfAnotherMonitorIsRefused) {
    HandRing ring({.target_id = 9});
    auto output = make();
    attach(*output, ring);
    EXPECT_EQ(ring.status(), proto::kDriverStatusBindFail);
    EXPECT_EQ(ring.detail(), 9u);
    EXPECT_FALSE(output->attached());
}

TEST_F(MonitorOutputTest, AFailureIsToldThroughTheHeader) {
    HandRing ring({});
    auto output = make();
    output->attach_failed(*ring.for_driver(), 1, 6, 0x4711);
    EXPECT_EQ(ring.status(), proto::kDriverStatusTextureFail);
    EXPECT_EQ(ring.detail(), 0x4711u);
    EXPECT_FALSE(publish(*output, 1));
}

TEST_F(MonitorOutputTest, WhoShowsThePointer) {
    EXPECT_FALSE(make(false)->pointer_excluded());
    auto output = make(true);
    EXPECT_TRUE(output->pointer_excluded());
    output->set_cursor_forward(false);
    EXPECT_FALSE(output->pointer_excluded());
}

}  // namespace
}  // namespace pf::driver
