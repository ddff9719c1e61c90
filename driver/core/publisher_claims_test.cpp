// Claims as tickets: several at once, in any order, in bands, over slots of any kind.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "test/fake_ring.hpp"
#include "test/test_random.hpp"

namespace pf::core {
namespace {

class PublisherClaims : public testing::Test {
protected:
    PublisherClaims() { EXPECT_EQ(shell.attach(fake.memory(), 1), proto::AttachCheck::ok); }

    // A claim for the picture with one more rectangle in it; the picture as that frame shows it.
    struct Open {
        Claim claim;
        Picture shown;
    };
    Open open(const proto::DamageRect& rect, std::uint32_t color) {
        picture.paint(rect, color);
        auto claim = publisher.claim({++sequence, 1, DamageRegion::of(rect)}, 1);
        EXPECT_TRUE(claim);
        claim->fill(picture.surface())->finish();
        return {std::move(*claim), picture};
    }
    void publish(Open open) {
        const std::uint32_t slot = open.claim.slot();
        EXPECT_TRUE(publisher.publish(std::move(open.claim), 1, 1));
        EXPECT_TRUE(open.shown.equals(fake.pixels(slot), 256));
        repaint(slot);
        EXPECT_EQ(seen.pixels, open.shown.pixels);
    }
    // As a reader that repaints what the record tells.
    void repaint(std::uint32_t slot) {
        const proto::SlotRecord& record = fake.ring().records[slot];
        EXPECT_EQ(record.seq, fake.latest().seq);
        DamageRegion damage;
        for (std::uint32_t i = 0; i < record.damage_count; ++i) {
            damage.add(record.damage[i]);
        }
        if (record.flags & proto::kRecordFullDamage) {
            damage = DamageRegion::full();
        } else {
            EXPECT_TRUE(
                proto::damage_covers(0, record.damage_base_seq, record.seq, record.seq - 1, true));
        }
        copy_rects({reinterpret_cast<std::byte*>(seen.pixels.data()), 256},
                   {fake.pixels(slot), 256, 64, 32, 4}, damage, 0, 32);
    }

    FakeRing fake;
    FakeShell shell;
    FramePublisher& publisher = shell.publisher;
    Picture picture{64, 32};
    Picture seen{64, 32};
    std::uint64_t sequence = 0;
};

TEST_F(PublisherClaims, SeveralAreOpenAtOnce) {
    Open first = open({0, 0, 4, 4}, 1);
    Open second = open({8, 8, 4, 4}, 2);
    EXPECT_NE(first.claim.slot(), second.claim.slot());
    publish(std::move(first));
    publish(std::move(second));
    EXPECT_EQ(fake.latest().seq, 2U);
}

TEST_F(PublisherClaims, TheSecondMayBePublishedFirst) {
    publish(open({0, 0, 64, 32}, 9));
    Open first = open({0, 0, 4, 4}, 1);
    Open second = open({8, 8, 4, 4}, 2);
    publish(std::move(second));
    publish(std::move(first));
    publish(open({16, 16, 4, 4}, 3));
    EXPECT_EQ(fake.latest().seq, 4U);
}

TEST_F(PublisherClaims, InAnyOrderEveryFrameIsRightAndSoIsItsDamage) {
    TestRandom random(11);
    std::vector<Open> claims;
    for (std::uint32_t round = 0; round < 3000 && !HasFailure(); ++round) {
        if (claims.size() < 3 && random.below(2) == 0) {
            const std::uint32_t x = random.below(60), y = random.below(28);
            claims.push_back(open({x, y, 1 + random.below(4), 1 + random.below(4)}, random.word()));
        } else if (!claims.empty()) {
            const std::uint32_t which = random.below(static_cast<std::uint32_t>(claims.size()));
            Open taken = std::move(claims[which]);
            claims.erase(claims.begin() + which);
            if (random.below(4) != 0) {
                publish(std::move(taken));
            }
        }
        fake.ring().leases[random.below(6)].held = random.below(8) == 0 && claims.empty();
        fake.ring().reader.consumed_seq = fake.latest().seq - random.below(6);
    }
    EXPECT_GT(fake.latest().seq, 700U);
}

TEST_F(PublisherClaims, OneThatIsDroppedGivesItsSlotBackAndTheNextTellsItsChanges) {
    publish(open({0, 0, 64, 32}, 9));
    std::uint32_t slot = 0;
    {
        const Open dropped = open({0, 0, 4, 4}, 1);
        slot = dropped.claim.slot();
        EXPECT_EQ(fake.ring().records[slot].state, proto::kSlotWriting);
    }
    EXPECT_EQ(fake.ring().records[slot].state, proto::kSlotFree);
    publish(open({8, 8, 4, 4}, 2));
    EXPECT_EQ(fake.ring().records[fake.latest().slot].damage_count, 2U);
}

TEST_F(PublisherClaims, MovingOneMovesTheRight) {
    Open first = open({0, 0, 4, 4}, 1);
    const std::uint32_t slot = first.claim.slot();
    Claim moved = std::move(first.claim);
    EXPECT_EQ(moved.slot(), slot);
    EXPECT_FALSE(publisher.publish(std::move(first.claim), 1, 1));
    moved = open({8, 8, 4, 4}, 2).claim;
    EXPECT_EQ(fake.ring().records[slot].state, proto::kSlotFree) << "the one before has ended";
    EXPECT_TRUE(publisher.publish(std::move(moved), 1, 1));
}

TEST_F(PublisherClaims, InBandsItIsFilledAsAtOnce) {
    TestRandom random(5);
    for (const std::uint32_t pitch : {256U, 272U, 512U}) {
        fake = FakeRing(64, 32, 6, pitch);
        ASSERT_EQ(shell.attach(fake.memory(), 1), proto::AttachCheck::ok);
        for (std::uint32_t round = 0; round < 300; ++round) {
            DamageRegion damage;
            for (std::uint32_t i = random.below(20); i > 0; --i) {
                const std::uint32_t x = random.below(64), y = random.below(32);
                const proto::DamageRect rect{x, y, 1 + random.below(64 - x),
                                             1 + random.below(32 - y)};
                picture.paint(rect, random.word());
                damage.add(rect);
            }
            auto claim = publisher.claim({round, 1, damage}, 1);
            auto job = claim->fill(picture.surface());
            while (job->step(1 + random.below(9))) {
            }
            EXPECT_EQ(job->rows_left(), 0U);
            const std::uint32_t slot = claim->slot();
            publisher.publish(std::move(*claim), 1, 1);
            ASSERT_TRUE(picture.equals(fake.pixels(slot), pitch)) << round;
        }
    }
}

TEST_F(PublisherClaims, ASlowReaderIsToldAllThatItSkipped) {
    publish(open({0, 0, 64, 32}, 9));
    fake.ring().reader.consumed_seq = 1;
    for (std::uint32_t i = 0; i < 4; ++i) {
        publish(open({i * 10, 0, 2, 2}, i));
    }
    const proto::SlotRecord& record = fake.ring().records[fake.latest().slot];
    EXPECT_EQ(record.seq, 5U);
    EXPECT_EQ(record.damage_base_seq, 1U);
    EXPECT_EQ(record.damage_count, 4U);
    fake.ring().reader.consumed_seq = 5;
    publish(open({50, 0, 2, 2}, 7));
    EXPECT_EQ(fake.ring().records[fake.latest().slot].damage_count, 1U);
    fake.ring().reader.consumed_seq = 0xDEADBEEF;
    publish(open({50, 4, 2, 2}, 7));
    EXPECT_EQ(fake.ring().records[fake.latest().slot].damage_base_seq, 6U);
}

TEST_F(PublisherClaims, OtherSlotsInTheSameRingGoOnCounting) {
    publish(open({0, 0, 4, 4}, 1));
    Open before = open({8, 0, 4, 4}, 2);
    MemorySlots again;
    ASSERT_EQ(again.open(RingHeader::read(fake.memory().header), fake.memory()), AttachError::none);
    ASSERT_TRUE(publisher.reopen(again));
    EXPECT_EQ(fake.latest().seq, 1U);
    EXPECT_FALSE(publisher.publish(std::move(before.claim), 1, 1)) << "its slot is gone";
    publish(open({16, 0, 4, 4}, 3));
    EXPECT_EQ(fake.latest().seq, 2U);
    EXPECT_EQ(fake.ring().records[fake.latest().slot].flags, proto::kRecordFullDamage);

    FakeRing other(32, 16);
    MemorySlots small;
    ASSERT_EQ(small.open(RingHeader::read(other.memory().header), other.memory()),
              AttachError::none);
    EXPECT_FALSE(publisher.reopen(small)) << "another geometry";
    publish(open({24, 0, 4, 4}, 4));
    publisher.detach();
    EXPECT_FALSE(publisher.reopen(again));
}

// Slots that are no memory, and a log of all that is done to the ring and the waker.
class LoggedSlots final : public SlotSet, public Waker {
public:
    class Item final : public Slot {
    public:
        Acquired acquire() override { return state; }
        std::uint64_t copy(const Surface&, const DamageRegion&, std::uint32_t,
                           std::uint32_t) override {
            return 0;
        }
        void commit(const FrameInfo&) override { log->push_back("record and state"); }
        void release() override {}
        std::span<std::byte> pixels() override { return {}; }
        Acquired state = Acquired::ours;
        std::vector<std::string>* log = nullptr;
    };

    explicit LoggedSlots(FakeRing& ring) : ring_(ring) {
        for (Item& item : items) {
            item.log = &log;
        }
    }
    const proto::RingGeometry& geometry() const override { return geometry_; }
    Slot& slot(std::uint32_t index) override { return items[index]; }
    void free_all() override {}
    bool reader_waits() override {
        log.push_back("token " + std::to_string(ring_.latest().seq) + ", waiting?");
        return true;
    }
    std::uint32_t consumed_seq() override { return 0; }
    void report(const WriterTotals& totals) override {
        log.push_back("totals " + std::to_string(totals.published));
    }
    void wake() override { log.push_back("wake"); }

    std::array<Item, 3> items;
    std::vector<std::string> log;

private:
    FakeRing& ring_;
    proto::RingGeometry geometry_{64, 32, proto::kFormatBgra8, 3, 256, 8192};
};

class AnySlots : public testing::Test {
protected:
    AnySlots() {
        EXPECT_EQ(publisher.attach({RingHeader::read(fake.memory().header), slots, slots, 1}, 1),
                  proto::AttachCheck::ok);
        slots.log.clear();
    }
    FakeRing fake;
    LoggedSlots slots{fake};
    FramePublisher publisher{fake_config()};
};

TEST_F(AnySlots, TheReaderIsWokenBeforeTheBooksAreKept) {
    publisher.publish(std::move(*publisher.claim({}, 1)), 1, 1);
    EXPECT_EQ(slots.log, (std::vector<std::string>{"record and state", "token 1, waiting?", "wake",
                                                   "totals 1"}));
}

TEST_F(AnySlots, WhatADeadReaderHasIsNotTouchedUntilReopened) {
    slots.items[0].state = Acquired::abandoned;
    auto claim = publisher.claim({}, 1);
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->slot(), 1U);
    EXPECT_TRUE(claim->pixels().empty());
    EXPECT_TRUE(publisher.is_abandoned(0));
    slots.items[0].state = Acquired::ours;
    auto second = publisher.claim({}, 1);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->slot(), 2U) << "not asked again";
    EXPECT_FALSE(publisher.claim({}, 1)) << "two are drawn into, one is abandoned";
    claim.reset();
    second.reset();
    ASSERT_TRUE(publisher.reopen(slots));
    EXPECT_FALSE(publisher.is_abandoned(0));
    EXPECT_EQ(publisher.claim({}, 1)->slot(), 0U);
}

}  // namespace
}  // namespace pf::core
