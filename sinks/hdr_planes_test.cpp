#include "hdr_planes.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace pf::sinks {
namespace {

TEST(HalfFloat, EveryFiniteHalfSurvivesARoundTrip) {
    for (std::uint32_t bits = 0; bits < 0x7C00; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        ASSERT_EQ(float_to_half(half_to_float(half)), half) << bits;
    }
}

TEST(HalfFloat, KnownValues) {
    EXPECT_EQ(half_to_float(0x3C00), 1.0F);
    EXPECT_EQ(half_to_float(0xC000), -2.0F);
    EXPECT_EQ(half_to_float(0x7BFF), 65504.0F);
    EXPECT_TRUE(std::isinf(half_to_float(0x7C00)));
    EXPECT_TRUE(std::isnan(half_to_float(0x7E00)));
}

TEST(PqCode, PointsOfTheStandard) {
    EXPECT_EQ(pq_code10(0), 0);
    EXPECT_EQ(pq_code10(100), 520);  // 0.508078
    EXPECT_EQ(pq_code10(10000), 1023);
    EXPECT_EQ(pq_code10(20000), 1023);
}

TEST(ScrgbToPq, GreyStaysGreyAndOddValuesAreBlackOrWhite) {
    const std::uint16_t pixels[4][4] = {{0x3C00, 0x3C00, 0x3C00, 0},   // 80 nits
                                        {0xBC00, 0xBC00, 0xBC00, 0},   // negative
                                        {0x7E00, 0x7E00, 0x7E00, 0},   // NaN
                                        {0x7C00, 0x7C00, 0x7C00, 0}};  // infinity
    host::FrameView view;
    view.content =
        host::FrameMemory{.bytes = std::as_bytes(std::span(pixels)), .pitch_bytes = sizeof pixels};
    view.width = 4;
    view.height = 1;
    view.format = host::PixelFormat::rgba16f;
    std::uint16_t green[4], blue[4], red[4];
    ScrgbToPq().convert(view, {{green, blue, red}, {4, 4, 4}});
    for (const auto* plane : {green, blue, red}) {
        EXPECT_NEAR(plane[0], pq_code10(80), 1);
        EXPECT_EQ(plane[1], 0);
        EXPECT_EQ(plane[2], 0);
        EXPECT_EQ(plane[3], 1023);
    }
}

}  // namespace
}  // namespace pf::sinks
