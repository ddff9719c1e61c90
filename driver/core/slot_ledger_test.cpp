#include <pf/core/slot_ledger.hpp>

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pf::core {
namespace {

using testing::ElementsAre;

std::vector<std::uint32_t> order(const SlotLedger& ledger) {
    const SlotLedger::Order o = ledger.order();
    return {o.slots.begin(), o.slots.begin() + o.count};
}

// A frame that differs by `damage`, published in `slot`.
DamageRegion show(SlotLedger& ledger, std::uint32_t slot, const DamageRegion& damage) {
    ledger.offered(damage);
    const DamageRegion lacking = ledger.taken(slot);
    ledger.published(slot);
    return lacking;
}

DamageRegion at(std::uint32_t x) {
    return DamageRegion::of({x, 0, 1, 1});
}

TEST(SlotLedger, TriesUnwrittenSlotsInOrder) {
    EXPECT_THAT(order(SlotLedger(3)), ElementsAre(0, 1, 2));
    EXPECT_TRUE(SlotLedger(3).taken(1).is_full());
    EXPECT_TRUE(order(SlotLedger()).empty());
}

TEST(SlotLedger, PrefersTheSecondNewestAndKeepsTheNewestForLast) {
    SlotLedger ledger(4);
    show(ledger, 0, {});
    EXPECT_THAT(order(ledger), ElementsAre(1, 2, 3, 0));
    show(ledger, 1, {});
    EXPECT_THAT(order(ledger), ElementsAre(0, 2, 3, 1));
    show(ledger, 2, {});
    EXPECT_THAT(order(ledger), ElementsAre(1, 0, 3, 2));
}

TEST(SlotLedger, WithOneSlotThereIsNoChoice) {
    SlotLedger ledger(1);
    show(ledger, 0, {});
    EXPECT_THAT(order(ledger), ElementsAre(0));
}

TEST(SlotLedger, WhatIsDrawnIntoIsNotTriedAgain) {
    SlotLedger ledger(3);
    ledger.offered({});
    ledger.taken(1);
    EXPECT_THAT(order(ledger), ElementsAre(0, 2));
    ledger.spoiled(1);
    EXPECT_THAT(order(ledger), ElementsAre(0, 1, 2));
}

TEST(SlotLedger, CollectsWhatEachSlotLacks) {
    SlotLedger ledger(3);
    show(ledger, 0, DamageRegion::full());
    EXPECT_TRUE(show(ledger, 1, at(1)).is_full());
    EXPECT_EQ(show(ledger, 0, at(3)).rects().size(), 2U);
    EXPECT_EQ(show(ledger, 0, at(5)).rects().size(), 1U);
    EXPECT_TRUE(show(ledger, 2, at(7)).is_full());
}

TEST(SlotLedger, AFrameIsToldAgainstThePublishedOneBefore) {
    SlotLedger ledger(4);
    ledger.offered(at(1));
    ledger.taken(0);
    EXPECT_TRUE(ledger.changed_by(0).is_full()) << "there is none";
    ledger.published(0);
    ledger.offered(at(3));  // nobody took this one
    ledger.offered(at(5));
    ledger.taken(1);
    EXPECT_EQ(ledger.changed_by(1).rects().size(), 2U);
}

TEST(SlotLedger, TwoThatAreDrawnAtOnceMayBePublishedInEitherOrder) {
    SlotLedger ledger(4);
    show(ledger, 0, DamageRegion::full());
    ledger.offered(at(1));
    ledger.taken(1);
    ledger.offered(at(3));
    ledger.taken(2);
    EXPECT_EQ(ledger.changed_by(2).rects().size(), 2U) << "the other one's changes are in it";
    ledger.published(2);
    ASSERT_EQ(ledger.changed_by(1).rects().size(), 1U) << "back to the older picture";
    EXPECT_EQ(ledger.changed_by(1).rects()[0].x, 3U);
    ledger.published(1);
    ledger.offered(at(5));
    ledger.taken(3);
    EXPECT_EQ(ledger.changed_by(3).rects().size(), 2U) << "and forward again";
}

TEST(SlotLedger, ASpoiledSlotHoldsNothing) {
    SlotLedger ledger(2);
    show(ledger, 0, DamageRegion::full());
    show(ledger, 1, DamageRegion::full());
    ledger.spoiled(1);
    EXPECT_THAT(order(ledger), ElementsAre(0, 1));
    EXPECT_TRUE(ledger.taken(1).is_full());
}

TEST(SlotLedger, ALostFrameMakesEverythingStale) {
    SlotLedger ledger(2);
    show(ledger, 0, at(1));
    ledger.lost_frame();
    ledger.offered(at(1));
    EXPECT_TRUE(ledger.taken(0).is_full());
    EXPECT_TRUE(ledger.changed_by(0).is_full());
}

}  // namespace
}  // namespace pf::core
