#include "x11_damage.hpp"

#include <gtest/gtest.h>

#include <functional>

#include <fmt/format.h>

#include <pf/os/clock.hpp>

#include "x11_pixels.hpp"
#include "x11_pointer_image.hpp"
#include "xorg/x11_socket.hpp"

namespace pf::driver {
namespace {

constexpr X11Area kMonitor{1920, 100, 800, 600};

TEST(X11Damage, IsClippedToTheMonitor) {
    const auto inside = to_monitor(kMonitor, {1930, 110, 5, 6});
    ASSERT_TRUE(inside);
    EXPECT_EQ(inside->x, 10U);
    EXPECT_EQ(inside->y, 10U);
    const auto across = to_monitor(kMonitor, {1900, 0, 2000, 2000});
    ASSERT_TRUE(across);
    EXPECT_EQ(across->x, 0U);
    EXPECT_EQ(across->width, 800U);
    EXPECT_EQ(across->height, 600U);
    EXPECT_FALSE(to_monitor(kMonitor, {0, 0, 1920, 2000}));
    EXPECT_FALSE(to_monitor(kMonitor, {2720, 100, 10, 10}));
    EXPECT_FALSE(to_monitor(kMonitor, {2000, 200, 0, 10}));
}

TEST(X11Pacer, KeepsTheScheduleAndForgivesAPause) {
    FramePacer pacer(100'000);
    const std::int64_t start_ns = os::kSecond;
    pacer.advance(start_ns);
    EXPECT_EQ(pacer.due_ns(), start_ns + 10 * os::kMillisecond);
    pacer.advance(start_ns + 13 * os::kMillisecond);
    EXPECT_EQ(pacer.due_ns(), start_ns + 20 * os::kMillisecond);
    pacer.advance(start_ns + 95 * os::kMillisecond);
    EXPECT_EQ(pacer.due_ns(), start_ns + 105 * os::kMillisecond);
}

TEST(X11PointerImage, IsDrawnOnlyIntoTheRowsThatWereRefreshed) {
    constexpr std::uint32_t kWidth = 4;
    std::uint32_t frame[kWidth * 4];
    std::fill(std::begin(frame), std::end(frame), 0xFF808080);
    const PointerImage image{3, 3, 0, 0, std::vector<std::uint32_t>(9, 0xFF0000FF)};
    const auto bytes = std::as_writable_bytes(std::span(frame));
    blend_pointer({bytes, kWidth * 4, kWidth, proto::kFormatBgra8, {1, 2}}, image, 2, 0);
    for (std::uint32_t i = 0; i < std::size(frame); ++i) {
        const bool drawn = i / kWidth == 1 && i % kWidth >= 2;
        EXPECT_EQ(frame[i], drawn ? 0xFF0000FF : 0xFF808080) << i;
    }
    blend_pointer({bytes, kWidth * 4, kWidth, proto::kFormatBgra8, {0, 4}}, image, -2, -2);
    EXPECT_EQ(frame[0], 0xFF0000FFU);
    EXPECT_EQ(frame[1], 0xFF808080U);
}

std::uint32_t blended(std::uint32_t below, std::uint32_t pointer, std::uint32_t dxgi_format) {
    const PointerImage image{1, 1, 0, 0, {pointer}};
    blend_pointer({std::as_writable_bytes(std::span(&below, 1)), 4, 1, dxgi_format, {0, 1}}, image,
                  0, 0);
    return below;
}

TEST(X11PointerImage, BlendsPremultipliedPixels) {
    EXPECT_EQ(blended(0xFF204060, 0x80800000, proto::kFormatBgra8), 0xFF902030U);
    EXPECT_EQ(blended(0xFF204060, 0, proto::kFormatBgra8), 0xFF204060U);
    const PointerImage clear{1, 1, 0, 0, {0}};
    EXPECT_TRUE(clear.empty());
}

TEST(X11PointerImage, BlendsIntoTenBits) {
    constexpr auto kTen = proto::kFormatRgb10a2;
    const auto ten = [](std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
        return 0xC0000000U | blue << 20 | green << 10 | red;
    };
    EXPECT_EQ(blended(ten(1, 2, 3), 0, kTen), ten(1, 2, 3));
    EXPECT_EQ(blended(ten(1, 2, 3), 0xFFFF8000, kTen), ten(1023, 514, 0));
    EXPECT_EQ(blended(ten(1023, 0, 510), 0x80000080, kTen), ten(509, 0, 768));
    // No valid premultiplied color, and no carry into its neighbour.
    EXPECT_EQ(blended(ten(1023, 1023, 1023), 0x00FFFFFF, kTen), ten(1023, 1023, 1023));
}

TEST(X11PointerImage, IsShrunkToWhatTheChannelCarries) {
    PointerImage image{4, 2, 3, 1, {}};
    image.pixels = {0x00, 0x04, 0x10, 0x10, 0x08, 0x0C, 0x10, 0x10};
    const PointerImage half = image.fitted(2);
    EXPECT_EQ(half.width, 2U);
    EXPECT_EQ(half.height, 1U);
    EXPECT_EQ(half.hot_x, 1U);
    EXPECT_EQ(half.hot_y, 0U);
    EXPECT_EQ(half.pixels, (std::vector<std::uint32_t>{0x06, 0x10}));
    EXPECT_EQ(image.fitted(4).pixels, image.pixels);
    const PointerImage thin =
        PointerImage{1, 1000, 0, 999, std::vector<std::uint32_t>(1000, 0xFF112233)}.fitted(256);
    EXPECT_EQ(thin.width, 1U);
    EXPECT_EQ(thin.height, 256U);
    EXPECT_EQ(thin.hot_y, 255U);
    EXPECT_EQ(thin.pixels, std::vector<std::uint32_t>(256, 0xFF112233));
}

constexpr X11PixelLayout kDepth24{24, 32, true, true, 0xFF0000, 0xFF00, 0xFF};
constexpr X11PixelLayout kDepth30{30, 32, true, true, 0x3FF00000, 0xFFC00, 0x3FF};

TEST(X11Pixels, KnowsTheLayoutsThatItCanShow) {
    EXPECT_EQ(recognize(kDepth24), X11Pixels::bgr8);
    EXPECT_EQ(recognize(kDepth30), X11Pixels::bgr10);
    EXPECT_TRUE(gives(X11Pixels::bgr8, proto::kFormatBgra8));
    EXPECT_FALSE(gives(X11Pixels::bgr8, proto::kFormatRgb10a2));
    EXPECT_TRUE(gives(X11Pixels::bgr10, proto::kFormatBgra8));
    EXPECT_TRUE(gives(X11Pixels::bgr10, proto::kFormatRgb10a2));
    EXPECT_FALSE(gives(X11Pixels::bgr10, proto::kFormatRgba16f));
}

TEST(X11Pixels, RefusesOthersByName) {
    for (const std::uint32_t depth : {1U, 8U, 15U, 16U}) {
        X11PixelLayout layout = kDepth24;
        layout.depth = static_cast<std::uint8_t>(depth);
        const auto refused = recognize(layout);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().reaction, os::Reaction::reject);
        EXPECT_NE(refused.error().detail.find(
                      fmt::format("has depth {}; depth 24 or 30 is needed", depth)),
                  std::string::npos)
            << refused.error().detail;
    }
    const std::function<void(X11PixelLayout&)> twists[] = {
        [](X11PixelLayout& l) { l.bits_per_pixel = 24; },
        [](X11PixelLayout& l) { l.little_endian = false; },
        [](X11PixelLayout& l) { l.true_color = false; },
        [](X11PixelLayout& l) { std::swap(l.red, l.blue); },
        [](X11PixelLayout& l) { l.green = 0; },
    };
    for (const auto& twist : twists) {
        for (X11PixelLayout layout : {kDepth24, kDepth30}) {
            twist(layout);
            EXPECT_FALSE(recognize(layout));
        }
    }
}

TEST(X11Pixels, AreConvertedInTheRowsThatWereRefreshed) {
    // White, red, green, blue at half, each in a row of its own; what is above the depth is noise.
    const std::vector<std::uint32_t> screen{0xFFFFFFFF, 0x3FF00000, 0x400FFC00, 0x80000200};
    const auto converted = [&](std::uint32_t dxgi_format, core::DamageRegion::Rows rows) {
        std::vector<std::uint32_t> frame = screen;
        convert(std::as_writable_bytes(std::span(frame)), 1, rows, X11Pixels::bgr10, dxgi_format);
        return frame;
    };
    EXPECT_EQ(converted(proto::kFormatBgra8, {0, 4}),
              (std::vector<std::uint32_t>{0xFFFFFFFF, 0xFFFF0000, 0xFF00FF00, 0xFF000080}));
    EXPECT_EQ(converted(proto::kFormatRgb10a2, {0, 4}),
              (std::vector<std::uint32_t>{0xFFFFFFFF, 0xC00003FF, 0xC00FFC00, 0xE0000000}));
    EXPECT_EQ(converted(proto::kFormatBgra8, {1, 2}),
              (std::vector<std::uint32_t>{0xFFFFFFFF, 0xFFFF0000, 0x400FFC00, 0x80000200}));
}

TEST(X11Socket, KnowsDisplaysOfThisMachine) {
    EXPECT_EQ(local_display_number(":7"), 7U);
    EXPECT_EQ(local_display_number(":12.0"), 12U);
    EXPECT_EQ(local_display_number("unix:3"), 3U);
    EXPECT_FALSE(local_display_number("host:7"));
    EXPECT_FALSE(local_display_number(":"));
    EXPECT_FALSE(local_display_number(":7x"));
    EXPECT_FALSE(local_display_number(""));
}

}  // namespace
}  // namespace pf::driver
