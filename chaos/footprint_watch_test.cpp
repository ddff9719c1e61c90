#include "footprint_watch.hpp"

#include <gtest/gtest.h>

namespace pf::chaos {
namespace {

TEST(FootprintWatch, MoreThanAtFirstIsGrowth) {
    FootprintWatch watch;
    EXPECT_FALSE(watch.knows("driver 5"));
    EXPECT_EQ(watch.look("driver 5", {10, 8, 0}), "");
    EXPECT_TRUE(watch.knows("driver 5"));
    EXPECT_EQ(watch.look("driver 5", {10, 8, 1 << 30}), "");
    EXPECT_EQ(watch.look("driver 5", {9, 7, 0}), "");
    EXPECT_EQ(watch.look("driver 5", {11, 8, 0}),
              "driver 5 holds 11 descriptors and 8 mappings, 10 and 8 before");
    EXPECT_NE(watch.look("driver 5", {10, 9, 0}), "");
    EXPECT_EQ(watch.look("driver 6", {50, 50, 0}), "") << "another process";
}

TEST(FootprintWatch, MostIsOfEachCount) {
    const os::Footprint both = most({1, 20, 3}, {10, 2, 30});
    EXPECT_EQ(both.descriptors, 10u);
    EXPECT_EQ(both.shared_mappings, 20u);
    EXPECT_EQ(both.resident_bytes, 30u);
}

}  // namespace
}  // namespace pf::chaos
