#include <pf/host/color.hpp>

#include <gtest/gtest.h>

namespace pf::host {
namespace {

TEST(Color, EveryFormatHasItsSpaceAndSdrNoMetadata) {
    const LightLevels light{1000, 400, 50};
    EXPECT_EQ(color_of(PixelFormat::bgra8, light), (Color{ColorSpace::srgb, std::nullopt}));
    const Color pq = color_of(PixelFormat::rgb10a2, light);
    EXPECT_EQ(pq.space, ColorSpace::bt2020_pq);
    ASSERT_TRUE(pq.hdr);
    EXPECT_EQ(pq.hdr->light, light);
    const Color linear = color_of(PixelFormat::rgba16f, light);
    EXPECT_EQ(linear.space, ColorSpace::scrgb_linear);
    EXPECT_EQ(linear.hdr, pq.hdr);
}

TEST(Color, WithoutAMaximumItIsWhatTheEdidSays) {
    const LightLevels unsaid = color_of(PixelFormat::rgb10a2, {0, 4000, 70}).hdr->light;
    EXPECT_EQ(unsaid, (LightLevels{993, 400, 50}));
}

TEST(Color, WhatNoDisplayCanBeIsBroughtIntoBounds) {
    const auto light = [](const LightLevels& given) {
        return color_of(PixelFormat::rgb10a2, given).hdr->light;
    };
    EXPECT_EQ(light({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}),
              (LightLevels{10'000, 10'000, 9'999'999}));
    EXPECT_EQ(light({1, 500, 90'000}), (LightLevels{1, 1, 999}));
    EXPECT_EQ(light({600, 0, 0}), (LightLevels{600, 0, 0}));
}

}  // namespace
}  // namespace pf::host
