#include <pf/core/frame_publisher.hpp>

#include <gtest/gtest.h>

#include "test/fake_ring.hpp"
#include "test/test_random.hpp"

namespace pf::core {
namespace {

class FramePublisherTest : public testing::Test {
protected:
    explicit FramePublisherTest(std::uint32_t ring_len = 6)
        : fake(64, 32, ring_len, 272), picture(64, 32) {
        EXPECT_EQ(shell.attach(fake.memory(), 1), proto::AttachCheck::ok);
    }

    // Publishes the picture as it is; the slot, or nullopt when every one is leased.
    std::optional<std::uint32_t> show(const DamageRegion& damage) {
        if (!shell.show(picture.surface(), {++sequence, 20, damage})) {
            return std::nullopt;
        }
        const std::uint32_t slot = fake.latest().slot;
        EXPECT_TRUE(picture.equals(fake.pixels(slot), 272));
        return slot;
    }
    proto::SlotRecord& record(std::uint32_t slot) { return fake.ring().records[slot]; }

    FakeRing fake;
    Picture picture;
    FakeShell shell;
    FramePublisher& publisher = shell.publisher;
    std::uint64_t sequence = 0;
};

TEST_F(FramePublisherTest, PublishesRecordStateAndToken) {
    const auto slot = show(DamageRegion::of({1, 1, 2, 2}));
    ASSERT_TRUE(slot);
    EXPECT_EQ(fake.latest(), (proto::FrameToken{1, 1, static_cast<std::uint8_t>(*slot)}));
    EXPECT_EQ(record(*slot).state, proto::kSlotPublished);
    EXPECT_EQ(record(*slot).seq, 1U);
    EXPECT_EQ(record(*slot).flags, proto::kRecordFullDamage) << "there is no frame before it";
    EXPECT_EQ(record(*slot).claimed_ticks, 10U);
    EXPECT_EQ(record(*slot).present_ticks, 20U);
    EXPECT_EQ(record(*slot).filled_ticks, 30U);
    EXPECT_EQ(record(*slot).published_ticks, 40U);
    EXPECT_EQ(record(*slot).source_sequence, 1U);
    EXPECT_EQ(fake.header().qpc_pts, 20U);
    EXPECT_EQ(fake.tails().source_sequence, 1U);
    EXPECT_EQ(fake.tails().published_total, 1U);
    EXPECT_EQ(fake.tails().health_state, proto::kHealthActive);
}

TEST_F(FramePublisherTest, DamageIsAgainstTheFrameBefore) {
    show(DamageRegion::full());
    const auto slot = show(DamageRegion::of({60, 30, 100, 100}));
    EXPECT_EQ(record(*slot).seq, 2U);
    EXPECT_EQ(record(*slot).flags, 0U);
    EXPECT_EQ(record(*slot).damage_base_seq, 1U);
    ASSERT_EQ(record(*slot).damage_count, 1U);
    EXPECT_EQ(record(*slot).damage[0].width, 4U) << "clipped to the frame";
    EXPECT_EQ(record(*slot).damage[0].height, 2U);
}

TEST_F(FramePublisherTest, WakesOnlyAReaderThatWaits) {
    show({});
    EXPECT_EQ(shell.waker.count, 0);
    fake.ring().reader.waiting = 1;
    show({});
    EXPECT_EQ(shell.waker.count, 1);
    EXPECT_EQ(fake.ring().writer.signalled_total, 1U);
    EXPECT_EQ(fake.ring().writer.published_total, 2U);
}

TEST_F(FramePublisherTest, NeverTouchesALeasedSlot) {
    const auto first = show(DamageRegion::full());
    fake.ring().leases[*first].held = 1;
    const std::vector<std::uint64_t> leased = fake.slots[*first];
    for (std::uint32_t i = 0; i < 50; ++i) {
        picture.paint({0, 0, 64, 32}, i + 1);
        ASSERT_NE(show(DamageRegion::full()), first);
    }
    EXPECT_EQ(fake.slots[*first], leased);
    EXPECT_EQ(record(*first).seq, 1U);
    EXPECT_EQ(record(*first).state, proto::kSlotPublished);
}

TEST_F(FramePublisherTest, DropsAFrameWhenEverySlotIsLeased) {
    show(DamageRegion::full());
    for (auto& lease : fake.ring().leases) {
        lease.held = 1;
    }
    picture.paint({5, 5, 5, 5}, 0xAA);
    EXPECT_FALSE(show(DamageRegion::of({5, 5, 5, 5})));
    EXPECT_EQ(fake.tails().dropped_total, 1U);
    EXPECT_EQ(fake.ring().writer.dropped_total, 1U);
    EXPECT_EQ(fake.latest().seq, 1U);
    fake.ring().leases[3].held = 0;
    const auto slot = show({});  // the source says that nothing changed since the dropped frame
    ASSERT_TRUE(slot);
    EXPECT_EQ(record(*slot).damage_base_seq, 1U);
    ASSERT_EQ(record(*slot).damage_count, 1U) << "but the reader never saw that one";
    EXPECT_EQ(record(*slot).damage[0].x, 5U);
}

TEST_F(FramePublisherTest, CountsOffersAndMismatches) {
    show({});
    publisher.count_mismatch(50);
    const auto detail = proto::unpack_opened_detail(fake.header().driver_status_detail);
    EXPECT_EQ(detail.offered, 2U);
    EXPECT_EQ(detail.mismatched, 1U);
    EXPECT_EQ(fake.tails().base.offered_total, 2U);
    EXPECT_EQ(fake.tails().base.last_acquire_qpc, 50U);
    EXPECT_EQ(fake.tails().dropped_total, 0U);
}

TEST_F(FramePublisherTest, RefusesASurfaceThatIsNotTheRings) {
    auto claim = publisher.claim({}, 1);
    ASSERT_TRUE(claim);
    Surface wide = picture.surface();
    wide.width = 65;
    Surface format = picture.surface();
    format.dxgi_format = proto::kFormatRgb10a2;
    Surface narrow = picture.surface();
    narrow.pitch_bytes = 255;
    for (const Surface& surface : {wide, format, narrow, Surface{}}) {
        EXPECT_FALSE(matches(surface, publisher.geometry()));
        EXPECT_FALSE(claim->fill(surface));
    }
}

TEST_F(FramePublisherTest, AnAbandonedSlotIsNoFrame) {
    show(DamageRegion::full());
    show(DamageRegion::full());
    auto claim = publisher.claim({}, 1);
    const std::uint32_t slot = claim->slot();
    std::memset(claim->pixels().data(), 0xCC, claim->pixels().size());
    claim.reset();
    EXPECT_EQ(record(slot).state, proto::kSlotFree);
    EXPECT_EQ(fake.latest().seq, 2U);
    for (int i = 0; i < 6; ++i) {
        show({});  // checks the content
    }
}

TEST_F(FramePublisherTest, CopiesOnlyWhatTheSlotLacks) {
    for (int i = 0; i < 8; ++i) {
        show(DamageRegion::full());
    }
    const std::uint64_t before = fake.ring().writer.copied_bytes_total;
    picture.paint({0, 0, 4, 4}, 1);
    show(DamageRegion::of({0, 0, 4, 4}));  // into a slot that lacks one whole frame
    picture.paint({8, 8, 4, 4}, 2);
    show(DamageRegion::of({8, 8, 4, 4}));
    const std::uint64_t settled = fake.ring().writer.copied_bytes_total;
    EXPECT_GE(settled - before, 64U * 32 * 4);
    picture.paint({16, 16, 4, 4}, 3);
    show(DamageRegion::of({16, 16, 4, 4}));
    EXPECT_LE(fake.ring().writer.copied_bytes_total - settled, 2U * 4 * 4 * 4)
        << "this frame's rectangle and the one before it";
}

TEST_F(FramePublisherTest, ASlotAlwaysEqualsTheSourceWhateverTheDamageAndTheLeases) {
    TestRandom random(7);
    for (std::uint32_t round = 0; round < 3000; ++round) {
        DamageRegion damage;
        for (std::uint32_t i = random.below(4); i > 0; --i) {
            const std::uint32_t x = random.below(64), y = random.below(32);
            const proto::DamageRect rect{x, y, 1 + random.below(64 - x), 1 + random.below(32 - y)};
            picture.paint(rect, random.word());
            damage.add(rect);
        }
        fake.ring().leases[random.below(6)].held = random.below(3) == 0 ? 0 : 1;
        switch (random.below(12)) {
            case 0: publisher.count_mismatch(1); break;
            case 1:
                if (const auto claim = publisher.claim({0, 0, damage}, 1)) {
                    std::memset(claim->pixels().data(), 0xDD, claim->pixels().size());
                }
                break;
            default: show(damage); break;
        }
    }
}

TEST_F(FramePublisherTest, AHeaderRewrittenUnderItsFeetMovesNoBound) {
    show(DamageRegion::full());
    const std::vector<std::uint64_t> beyond = {fake.slots[0].back(), fake.slots[1].back()};
    TestRandom random(3);
    for (std::uint32_t round = 0; round < 2000; ++round) {
        auto* words = reinterpret_cast<std::uint32_t*>(fake.header_pages.data());
        for (int i = 0; i < 400; ++i) {
            words[random.below(2048)] = random.word();
        }
        for (std::uint32_t i = 0; i < 6; ++i) {
            fake.ring().leases[i].held = random.below(2);
        }
        picture.paint({0, 0, 64, 32}, random.word());
        auto claim = publisher.claim({round, 1, DamageRegion::full()}, 1);
        if (claim) {
            const std::uint32_t slot = claim->slot();
            ASSERT_LT(slot, 6U);
            ASSERT_EQ(claim->pixels().size(), 272U * 32);
            ASSERT_EQ(claim->pixels().data(), fake.pixels(slot));
            claim->fill(picture.surface())->finish();
            publisher.publish(std::move(*claim), 1, 1);
            ASSERT_EQ(fake.latest().generation, 1U) << "the generation is the attach's";
            ASSERT_TRUE(picture.equals(fake.pixels(slot), 272));
        }
    }
    EXPECT_EQ(publisher.geometry().width, 64U);
    EXPECT_EQ(beyond, (std::vector<std::uint64_t>{fake.slots[0].back(), fake.slots[1].back()}));
}

class OneSlot : public FramePublisherTest {
protected:
    OneSlot() : FramePublisherTest(1) {}
};

TEST_F(OneSlot, TheNewestFrameIsOverwrittenWhenThereIsNothingElse) {
    EXPECT_EQ(show(DamageRegion::full()), 0U);
    EXPECT_EQ(show(DamageRegion::of({1, 1, 1, 1})), 0U);
    EXPECT_EQ(fake.latest().seq, 2U);
    fake.ring().leases[0].held = 1;
    EXPECT_FALSE(show(DamageRegion::full()));
}

}  // namespace
}  // namespace pf::core
