#include <pf/core/frame_stash.hpp>

#include <gtest/gtest.h>

#include "test/fake_ring.hpp"

namespace pf::core {
namespace {

class FrameStashTest : public testing::Test {
protected:
    FrameInfo info(const DamageRegion& damage) { return {5, 50, damage}; }

    FakeRing fake;
    FakeShell shell;
    FramePublisher& publisher = shell.publisher;
    FrameStash stash;
    Picture picture{64, 32};
};

TEST_F(FrameStashTest, RepublishesTheNewestFrameOnAttachAndForgetsIt) {
    picture.paint({0, 0, 64, 32}, 0x11);
    ASSERT_TRUE(stash.keep(picture.surface(), info(DamageRegion::full())));
    picture.paint({3, 4, 5, 6}, 0x22);
    ASSERT_TRUE(stash.keep(picture.surface(), info(DamageRegion::of({3, 4, 5, 6}))));
    EXPECT_EQ(stash.republish(publisher, 1), FrameStash::Outcome::nothing);

    ASSERT_EQ(shell.attach(fake.memory(), 1), proto::AttachCheck::ok);
    EXPECT_EQ(stash.republish(publisher, 2), FrameStash::Outcome::published);
    EXPECT_TRUE(stash.empty());
    EXPECT_EQ(fake.latest().seq, 1U);
    EXPECT_EQ(fake.header().qpc_pts, 50U);
    EXPECT_TRUE(picture.equals(fake.pixels(fake.latest().slot), 64 * 4));
    EXPECT_EQ(stash.republish(publisher, 3), FrameStash::Outcome::nothing);
}

TEST_F(FrameStashTest, WakesAReaderThatWaits) {
    ASSERT_TRUE(stash.keep(picture.surface(), info(DamageRegion::full())));
    fake.ring().reader.waiting = 1;
    shell.attach(fake.memory(), 1);
    EXPECT_EQ(stash.republish(publisher, 2), FrameStash::Outcome::published);
    EXPECT_EQ(shell.waker.count, 1);
}

TEST_F(FrameStashTest, KeepsAFrameOfAnotherSizeAndCountsIt) {
    const Picture other(32, 32);
    ASSERT_TRUE(stash.keep(other.surface(), info(DamageRegion::full())));
    shell.attach(fake.memory(), 1);
    EXPECT_EQ(stash.republish(publisher, 2), FrameStash::Outcome::kept);
    EXPECT_FALSE(stash.empty());
    EXPECT_EQ(proto::unpack_opened_detail(fake.header().driver_status_detail).mismatched, 1U);
}

TEST_F(FrameStashTest, KeepsTheFrameWhileEverySlotIsLeased) {
    ASSERT_TRUE(stash.keep(picture.surface(), info(DamageRegion::full())));
    shell.attach(fake.memory(), 1);
    for (auto& lease : fake.ring().leases) {
        lease.held = 1;
    }
    EXPECT_EQ(stash.republish(publisher, 2), FrameStash::Outcome::kept);
    fake.ring().leases[4].held = 0;
    EXPECT_EQ(stash.republish(publisher, 2), FrameStash::Outcome::published);
    EXPECT_EQ(fake.latest().slot, 4U);
}

TEST_F(FrameStashTest, ANewShapeReplacesTheOldWhole) {
    const Picture small(8, 8);
    ASSERT_TRUE(stash.keep(small.surface(), info({})));
    picture.paint({0, 0, 64, 32}, 0x33);
    ASSERT_TRUE(stash.keep(picture.surface(), info({})));  // damage of another shape says nothing
    shell.attach(fake.memory(), 1);
    ASSERT_EQ(stash.republish(publisher, 2), FrameStash::Outcome::published);
    EXPECT_TRUE(picture.equals(fake.pixels(fake.latest().slot), 64 * 4));
}

TEST_F(FrameStashTest, RefusesWhatCannotBeAFrame) {
    Surface surface = picture.surface();
    surface.pitch_bytes = 4;
    EXPECT_FALSE(stash.keep(surface, info({})));
    surface = picture.surface();
    surface.dxgi_format = 1;
    EXPECT_FALSE(stash.keep(surface, info({})));
    surface = picture.surface();
    surface.width = 0;
    EXPECT_FALSE(stash.keep(surface, info({})));
    EXPECT_TRUE(stash.empty());
}

}  // namespace
}  // namespace pf::core
