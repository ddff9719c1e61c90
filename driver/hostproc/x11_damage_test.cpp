#include "x11_damage.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include <pf/os/clock.hpp>

#include "x11_pointer_image.hpp"
#include "x11_socket.hpp"

namespace pf::hostproc {
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
    FramePacer pacer(100);
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
    blend_pointer(bytes, kWidth * 4, kWidth, {1, 2}, image, 2, 0);
    for (std::uint32_t i = 0; i < std::size(frame); ++i) {
        const bool drawn = i / kWidth == 1 && i % kWidth >= 2;
        EXPECT_EQ(frame[i], drawn ? 0xFF0000FF : 0xFF808080) << i;
    }
    blend_pointer(bytes, kWidth * 4, kWidth, {0, 4}, image, -2, -2);
    EXPECT_EQ(frame[0], 0xFF0000FFU);
    EXPECT_EQ(frame[1], 0xFF808080U);
}

TEST(X11PointerImage, BlendsPremultipliedPixels) {
    std::uint32_t frame = 0xFF204060;
    const PointerImage half{1, 1, 0, 0, {0x80800000}};
    blend_pointer(std::as_writable_bytes(std::span(&frame, 1)), 4, 1, {0, 1}, half, 0, 0);
    EXPECT_EQ(frame, 0xFF902030U);
    const PointerImage clear{1, 1, 0, 0, {0}};
    EXPECT_TRUE(clear.empty());
    blend_pointer(std::as_writable_bytes(std::span(&frame, 1)), 4, 1, {0, 1}, clear, 0, 0);
    EXPECT_EQ(frame, 0xFF902030U);
}

TEST(X11PointerImage, IsCutToWhatTheChannelCarries) {
    PointerImage image{3, 2, 2, 1, {1, 2, 3, 4, 5, 6}};
    image.limit(2);
    EXPECT_EQ(image.width, 2U);
    EXPECT_EQ(image.pixels, (std::vector<std::uint32_t>{1, 2, 4, 5}));
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
}  // namespace pf::hostproc
