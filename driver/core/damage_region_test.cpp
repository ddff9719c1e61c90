#include <pf/core/damage_region.hpp>

#include <vector>

#include <gtest/gtest.h>

#include "test/test_random.hpp"

namespace pf::core {
namespace {

using proto::DamageRect;

bool covers(const DamageRegion& region, std::uint32_t x, std::uint32_t y) {
    if (region.is_full()) {
        return true;
    }
    for (const DamageRect& r : region.rects()) {
        if (x >= r.x && x - r.x < r.width && y >= r.y && y - r.y < r.height) {
            return true;
        }
    }
    return false;
}

TEST(DamageRegion, StartsEmpty) {
    const DamageRegion region;
    EXPECT_TRUE(region.empty());
    EXPECT_FALSE(region.is_full());
    EXPECT_EQ(region.rows(100).first, 0U);
    EXPECT_EQ(region.rows(100).end, 0U);
}

TEST(DamageRegion, FullSwallowsEverything) {
    DamageRegion region = DamageRegion::of({1, 2, 3, 4});
    region.add(DamageRegion::full());
    region.add(DamageRect{5, 5, 5, 5});
    EXPECT_TRUE(region.is_full());
    EXPECT_TRUE(region.rects().empty());
    EXPECT_EQ(region.rows(100).end, 100U);
}

TEST(DamageRegion, IgnoresEmptyRectangles) {
    DamageRegion region;
    region.add(DamageRect{1, 1, 0, 5});
    region.add(DamageRect{1, 1, 5, 0});
    EXPECT_TRUE(region.empty());
}

TEST(DamageRegion, JoinsWhatTouchesOrOverlapsForFree) {
    DamageRegion region = DamageRegion::of({0, 0, 10, 10});
    region.add(DamageRect{10, 0, 10, 10});
    region.add(DamageRect{2, 2, 3, 3});
    ASSERT_EQ(region.rects().size(), 1U);
    EXPECT_EQ(region.rects()[0].width, 20U);
    EXPECT_EQ(region.rects()[0].height, 10U);
}

TEST(DamageRegion, KeepsDistantRectanglesApart) {
    DamageRegion region = DamageRegion::of({0, 0, 10, 10});
    region.add(DamageRect{500, 500, 10, 10});
    EXPECT_EQ(region.rects().size(), 2U);
    EXPECT_EQ(region.rows(1000).first, 0U);
    EXPECT_EQ(region.rows(1000).end, 510U);
}

TEST(DamageRegion, ClipsAndNoticesTheWholeFrame) {
    DamageRegion region = DamageRegion::of({90, 90, 50, 50});
    region.add(DamageRect{200, 0, 5, 5});
    region.clip(100, 100);
    ASSERT_EQ(region.rects().size(), 1U);
    EXPECT_EQ(region.rects()[0].width, 10U);

    DamageRegion whole = DamageRegion::of({0, 0, 4000, 4000});
    whole.clip(100, 100);
    EXPECT_TRUE(whole.is_full());
}

TEST(DamageRegion, SurvivesRectanglesFromAnywhere) {
    DamageRegion region;
    region.add(DamageRect{0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF});
    region.add(DamageRect{16383, 0, 0xFFFFFFFF, 0xFFFFFFFF});
    ASSERT_EQ(region.rects().size(), 1U);
    EXPECT_EQ(region.rects()[0].width, 1U);
    EXPECT_EQ(region.rects()[0].height, 16384U);
}

TEST(DamageRegion, AlwaysCoversWhatWasAdded) {
    TestRandom random(1);
    for (int round = 0; round < 200; ++round) {
        DamageRegion region;
        std::vector<DamageRect> added;
        for (int i = 0; i < 60; ++i) {
            const DamageRect rect{random.below(300), random.below(300), random.below(40),
                                  random.below(40)};
            region.add(rect);
            added.push_back(rect);
            ASSERT_LE(region.rects().size(), proto::kMaxDamageRects);
        }
        for (const DamageRect& r : added) {
            for (std::uint32_t y = r.y; y < r.y + r.height; ++y) {
                for (std::uint32_t x = r.x; x < r.x + r.width; ++x) {
                    ASSERT_TRUE(covers(region, x, y)) << "round " << round;
                }
            }
        }
    }
}

}  // namespace
}  // namespace pf::core
