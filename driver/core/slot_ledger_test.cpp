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

TEST(SlotLedger, TriesUnwrittenSlotsInOrder) {
    EXPECT_THAT(order(SlotLedger(3)), ElementsAre(0, 1, 2));
    EXPECT_TRUE(SlotLedger(3).stale(1).is_full());
    EXPECT_TRUE(order(SlotLedger()).empty());
}

TEST(SlotLedger, PrefersTheSecondNewestAndKeepsTheNewestForLast) {
    SlotLedger ledger(4);
    ledger.published(0, {});
    EXPECT_THAT(order(ledger), ElementsAre(1, 2, 3, 0));
    ledger.published(1, {});
    EXPECT_THAT(order(ledger), ElementsAre(0, 2, 3, 1));
    ledger.published(2, {});
    EXPECT_THAT(order(ledger), ElementsAre(1, 0, 3, 2));
}

TEST(SlotLedger, WithOneSlotThereIsNoChoice) {
    SlotLedger ledger(1);
    ledger.published(0, {});
    EXPECT_THAT(order(ledger), ElementsAre(0));
}

TEST(SlotLedger, CollectsWhatEachSlotLacks) {
    SlotLedger ledger(3);
    ledger.published(0, DamageRegion::full());
    ledger.published(1, DamageRegion::full());
    EXPECT_TRUE(ledger.stale(0).is_full());
    ledger.published(0, DamageRegion::of({0, 0, 4, 4}));
    EXPECT_TRUE(ledger.stale(0).empty());
    ASSERT_EQ(ledger.stale(1).rects().size(), 1U);
    EXPECT_EQ(ledger.stale(1).rects()[0].width, 4U);
    EXPECT_TRUE(ledger.stale(2).is_full());
}

TEST(SlotLedger, ASpoiledSlotHoldsNothing) {
    SlotLedger ledger(2);
    ledger.published(0, DamageRegion::full());
    ledger.published(1, DamageRegion::full());
    ledger.spoiled(1);
    EXPECT_TRUE(ledger.stale(1).is_full());
    EXPECT_THAT(order(ledger), ElementsAre(0, 1));
}

TEST(SlotLedger, ALostFrameMakesEverythingStale) {
    SlotLedger ledger(2);
    EXPECT_TRUE(ledger.base_lost());
    ledger.published(0, DamageRegion::full());
    EXPECT_FALSE(ledger.base_lost());
    ledger.lost_frame();
    EXPECT_TRUE(ledger.base_lost());
    EXPECT_TRUE(ledger.stale(0).is_full());
}

}  // namespace
}  // namespace pf::core
