#include "pattern_painter.hpp"

#include <gtest/gtest.h>

#include <pf/pattern/stamp.hpp>
#include <pf/proto/validate.hpp>

namespace pf::driver {
namespace {

using Motion = PatternPainter::Motion;
using Case = std::tuple<core::Mode, std::uint32_t, Motion>;

class EveryPicture : public testing::TestWithParam<Case> {
protected:
    PatternPainter painter() const {
        const auto& [mode, format, motion] = GetParam();
        return PatternPainter(mode, format, 7, motion);
    }
    std::vector<std::byte> whole(const PatternPainter& p, std::uint64_t sequence) const {
        std::vector<std::byte> pixels(std::size_t{p.tight_pitch_bytes()} * p.height());
        p.paint(pixels, p.tight_pitch_bytes(), core::DamageRegion::full(), sequence);
        return pixels;
    }
};

TEST_P(EveryPicture, CarriesItsStamps) {
    const PatternPainter p = painter();
    const auto pixels = whole(p, 12);
    EXPECT_TRUE(pattern::verify(pixels, p.tight_pitch_bytes(), p.width(), p.height(),
                                proto::bytes_per_pixel(p.dxgi_format()), 7, 12)
                    .whole);
}

// The promise that copying only the damage rests on.
TEST_P(EveryPicture, TheDifferenceTurnsOneFrameIntoAnother) {
    const PatternPainter p = painter();
    for (const auto& [from, to] : {std::pair{0u, 1u}, {1u, 2u}, {10u, 500u}, {500u, 3u}}) {
        auto pixels = whole(p, from);
        p.paint(pixels, p.tight_pitch_bytes(), p.difference(from, to), to);
        EXPECT_EQ(pixels, whole(p, to)) << from << " to " << to;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Pattern, EveryPicture,
    testing::Combine(testing::Values(core::Mode{1, 1, 60}, core::Mode{3, 5, 60},
                                     core::Mode{17, 9, 60}, core::Mode{320, 200, 60}),
                     testing::Values(proto::kFormatBgra8, proto::kFormatRgb10a2,
                                     proto::kFormatRgba16f),
                     testing::Values(Motion::bar, Motion::squares, Motion::none)));

TEST(PatternPainter, SmallMotionIsSmallDamage) {
    const PatternPainter p({1920, 1080, 60}, proto::kFormatBgra8, 1, Motion::squares);
    std::uint64_t pixels = 0;
    const core::DamageRegion difference = p.difference(4, 5);  // outlives its rectangles
    for (const proto::DamageRect& rect : difference.rects()) {
        pixels += std::uint64_t{rect.width} * rect.height;
    }
    EXPECT_LT(pixels, 1920u * 1080 / 20);
}

TEST(PatternPainter, LeavesTheBytesBetweenRowsAlone) {
    const PatternPainter p({20, 10, 60}, proto::kFormatBgra8, 1, Motion::bar);
    constexpr std::uint32_t kPitch = 128;
    std::vector<std::byte> pixels(kPitch * 10, std::byte{0xAB});
    p.paint(pixels, kPitch, core::DamageRegion::full(), 1);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        if (i % kPitch >= 80) {
            ASSERT_EQ(pixels[i], std::byte{0xAB}) << i;
        }
    }
}

// 8 bars and 4 bands of brightness: white at the bottom left is the format's white.
TEST(PatternPainter, ColoursAreTheFormatsOwn) {
    const auto bottom_left = [](std::uint32_t format) {
        const PatternPainter p({320, 200, 60}, format, 1, Motion::none);
        std::vector<std::byte> pixels(std::size_t{p.tight_pitch_bytes()} * 200);
        p.paint(pixels, p.tight_pitch_bytes(), core::DamageRegion::full(), 1);
        const std::uint32_t bytes = proto::bytes_per_pixel(format);
        std::uint64_t pixel = 0;
        std::memcpy(&pixel, pixels.data() + std::size_t{p.tight_pitch_bytes()} * 199 + 12 * bytes,
                    bytes);
        return pixel;
    };
    EXPECT_EQ(bottom_left(proto::kFormatBgra8), 0xFFFFFFFFu);
    EXPECT_EQ(bottom_left(proto::kFormatRgb10a2), 0xFFFFFFFFu);
    EXPECT_EQ(bottom_left(proto::kFormatRgba16f), 0x3C00'4400'4400'4400u);  // 4.0, alpha 1.0
}

}  // namespace
}  // namespace pf::driver
