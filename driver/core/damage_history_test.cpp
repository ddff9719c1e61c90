#include <pf/core/damage_history.hpp>

#include <gtest/gtest.h>

namespace pf::core {
namespace {

TEST(DamageHistory, AddsUpWhatCameAfter) {
    DamageHistory history;
    EXPECT_TRUE(history.since(0).empty());
    EXPECT_TRUE(history.since(3).is_full()) << "no such frame";
    for (std::uint32_t seq = 1; seq <= 40; ++seq) {
        history.published(seq, DamageRegion::of({seq * 2, 0, 1, 1}));
    }
    EXPECT_TRUE(history.since(40).empty());
    EXPECT_EQ(history.since(39).rects().size(), 1U);
    ASSERT_EQ(history.since(37).rects().size(), 3U);
    EXPECT_FALSE(history.since(40 - DamageHistory::kDepth).is_full());
    EXPECT_TRUE(history.since(39 - DamageHistory::kDepth).is_full());
    EXPECT_TRUE(history.since(41).is_full());
}

TEST(DamageHistory, SeqGoesThroughZero) {
    DamageHistory history;
    for (std::uint32_t seq = 0xFFFFFFF0; seq != 3; ++seq) {
        history.published(seq, DamageRegion::of({(seq + 20) * 2, 0, 1, 1}));
    }
    EXPECT_EQ(history.since(0xFFFFFFFE).rects().size(), 4U);
}

TEST(DamageHistory, AWholeFrameIsWhole) {
    DamageHistory history;
    history.published(1, DamageRegion::full());
    history.published(2, DamageRegion::of({1, 1, 1, 1}));
    EXPECT_TRUE(history.since(0).is_full());
    EXPECT_EQ(history.since(1).rects().size(), 1U);
}

}  // namespace
}  // namespace pf::core
