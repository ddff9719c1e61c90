#include <pf/rig/series.hpp>

#include <gtest/gtest.h>

namespace pf::rig {
namespace {

TEST(Percentile, IsTheSmallestSampleThatCoversTheShare) {
    std::vector<double> samples{5, 1, 4, 2, 3};
    EXPECT_EQ(percentile(samples, 0.5), 3);
    EXPECT_EQ(percentile(samples, 0.99), 5);
    EXPECT_EQ(percentile(samples, 0.2), 1);
    EXPECT_EQ(percentile(samples, 0), 1);
    std::vector<double> none;
    EXPECT_EQ(percentile(none, 0.5), 0);
}

TEST(Series, HundredSamples) {
    Series series;
    for (int i = 100; i >= 1; --i) {
        series.add(i);
    }
    const Percentiles p = series.percentiles();
    EXPECT_EQ(p.p50, 50);
    EXPECT_EQ(p.p99, 99);
    EXPECT_EQ(p.max, 100);
}

TEST(Series, StaysBoundedAndKeepsItsShape) {
    Series series;
    for (int i = 0; i < 1'000'000; ++i) {
        series.add(i % 1000);
    }
    series.add(5000);
    const Percentiles p = series.percentiles();
    EXPECT_EQ(series.count(), 1'000'001U);
    EXPECT_NEAR(p.p50, 500, 10);
    EXPECT_NEAR(p.p99, 990, 10);
    EXPECT_EQ(p.max, 5000);
}

TEST(Series, NothingIsZero) {
    EXPECT_EQ(Series().percentiles().max, 0);
}

}  // namespace
}  // namespace pf::rig
