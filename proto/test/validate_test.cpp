// The one door: what a hostile or careless peer sends, and what is let through.
#include "validate_pins.hpp"

#include <gtest/gtest.h>

namespace pf::proto {
namespace {

constexpr std::uint32_t kMost = 0xFFFFFFFF;

TEST(ValidMode, BoundsAreInclusive) {
    EXPECT_TRUE(valid_mode(1, 1, 1));
    EXPECT_TRUE(valid_mode(16384, 16384, 1000));
    EXPECT_FALSE(valid_mode(0, 1, 1));
    EXPECT_FALSE(valid_mode(1, 0, 1));
    EXPECT_FALSE(valid_mode(1, 1, 0));
    EXPECT_FALSE(valid_mode(16385, 1, 1));
    EXPECT_FALSE(valid_mode(1, 16385, 1));
    EXPECT_FALSE(valid_mode(1, 1, 1001));
    EXPECT_FALSE(valid_mode(kMost, kMost, kMost));
}

TEST(ValidMonitorId, OneToFifteen) {
    EXPECT_FALSE(valid_monitor_id(0));
    EXPECT_TRUE(valid_monitor_id(1));
    EXPECT_TRUE(valid_monitor_id(15));
    EXPECT_FALSE(valid_monitor_id(16));
}

TEST(ValidFrameChannel, EveryHandleThatWillBeUsedIsThere) {
    const SetFrameChannelRequest good{1, 1, 6, 8192, 10, 11, {1, 2, 3, 4, 5, 6}};
    EXPECT_TRUE(valid_frame_channel(good));
    for (const std::uint32_t bad_len : {0u, 7u, kMost}) {
        auto request = good;
        request.ring_len = bad_len;
        EXPECT_FALSE(valid_frame_channel(request));
    }
    auto request = good;
    request.header_handle = 0;
    EXPECT_FALSE(valid_frame_channel(request));
    request = good;
    request.event_handle = 0;
    EXPECT_FALSE(valid_frame_channel(request));
    for (std::uint32_t ring_len = 1; ring_len <= 6; ++ring_len) {
        for (std::uint32_t missing = 0; missing < 6; ++missing) {
            request = good;
            request.ring_len = ring_len;
            request.texture_handles[missing] = 0;
            EXPECT_EQ(valid_frame_channel(request), missing >= ring_len);
        }
    }
}

TEST(SourceSizeWord, IsASizeOffOrNothing) {
    EXPECT_EQ(pack_source_size(1920, 1080), 0x0000'0438'0000'0780u);
    EXPECT_EQ(read_source_size(0x0000'0438'0000'0780), (SourceSize{1920, 1080, false}));
    EXPECT_EQ(read_source_size(pack_source_size(1, 16384)), (SourceSize{1, 16384, false}));
    EXPECT_EQ(read_source_size(pack_source_size(16384, 1)), (SourceSize{16384, 1, false}));
    EXPECT_EQ(read_source_size(kSourceSwitchedOff), (SourceSize{0, 0, true}));
    for (const std::uint64_t none : {kSourceUnknown, pack_source_size(0, 1), pack_source_size(1, 0),
                                     pack_source_size(16385, 1), pack_source_size(1, 16385),
                                     pack_source_size(kMost, kMost - 1)}) {
        EXPECT_EQ(read_source_size(none), (SourceSize{0, 0, false})) << none;
    }
}

TEST(HeaderBytes, ZeroMeansTheFirstSixtyFour) {
    SetFrameChannelRequest request{};
    EXPECT_EQ(promised_header_bytes(request), 64u);
    request.header_bytes = 8192;
    EXPECT_EQ(promised_header_bytes(request), 8192u);
}

TEST(Tails, NeedBothVersionAndSize) {
    EXPECT_FALSE(has_telemetry_tail(1, 8192));
    EXPECT_FALSE(has_telemetry_tail(2, 87));
    EXPECT_TRUE(has_telemetry_tail(2, 88));
    EXPECT_FALSE(has_health_tail(2, 8192));
    EXPECT_FALSE(has_health_tail(3, 151));
    EXPECT_TRUE(has_health_tail(3, 152));
    EXPECT_TRUE(has_health_tail(4, 152));
    EXPECT_FALSE(reaches_extension(0));
    EXPECT_FALSE(reaches_extension(kExtensionOffset + sizeof(MemoryRing) - 1));
    EXPECT_TRUE(reaches_extension(kExtensionOffset + sizeof(MemoryRing)));
    EXPECT_TRUE(reaches_extension(kHeaderSectionBytes));
}

TEST(Health, AnUnknownWordReadsAsDead) {
    EXPECT_EQ(read_health(0), Health::initializing);
    EXPECT_EQ(read_health(1), Health::active);
    EXPECT_EQ(read_health(2), Health::rebuilding);
    EXPECT_EQ(read_health(3), Health::dead);
    EXPECT_EQ(read_health(4), Health::dead);
    EXPECT_EQ(read_health(kMost), Health::dead);
}

SharedHeader header_of(std::uint32_t width, std::uint32_t height, std::uint32_t format) {
    SharedHeader header{};
    header.magic = kMagic;
    header.ring_len = 6;
    header.width = width;
    header.height = height;
    header.dxgi_format = format;
    return header;
}

RingExtension extension_of(std::uint32_t pitch, std::uint64_t slot_bytes) {
    return {kExtensionMagic,
            kExtensionVersion,
            kExtensionBytes,
            6,
            pitch,
            0,
            slot_bytes,
            1'000'000'000,
            {}};
}

TEST(Geometry, ReadsARingThatCanExist) {
    RingGeometry g{};
    ASSERT_TRUE(
        read_geometry(header_of(1920, 1080, kFormatBgra8), extension_of(7680, 7680 * 1080), g));
    EXPECT_EQ(g.width, 1920u);
    EXPECT_EQ(g.ring_len, 6u);
    EXPECT_EQ(g.pitch_bytes, 7680u);
    EXPECT_TRUE(read_geometry(header_of(16384, 16384, kFormatRgba16f),
                              extension_of(131072, 131072ull * 16384), g));
    EXPECT_TRUE(read_geometry(header_of(1, 1, kFormatRgb10a2), extension_of(4, 4), g));
}

TEST(Geometry, RefusesWhatWouldReachOutside) {
    RingGeometry g{};
    const auto refuses = [&](const SharedHeader& header, const RingExtension& extension) {
        return !read_geometry(header, extension, g);
    };
    const SharedHeader header = header_of(1920, 1080, kFormatBgra8);
    const RingExtension extension = extension_of(7680, 7680 * 1080);
    EXPECT_TRUE(refuses(header, extension_of(7679, 7680 * 1080)));
    EXPECT_TRUE(refuses(header, extension_of(7681, 8000 * 1080)));
    EXPECT_TRUE(refuses(header, extension_of(7676, 7680 * 1080)));
    EXPECT_TRUE(refuses(header, extension_of(7680, 7680 * 1080 - 1)));
    EXPECT_TRUE(refuses(header, extension_of(kMost - 3, ~0ull)));
    EXPECT_TRUE(refuses(header_of(0, 1080, kFormatBgra8), extension));
    EXPECT_TRUE(refuses(header_of(1920, 0, kFormatBgra8), extension));
    EXPECT_TRUE(refuses(header_of(kMost, kMost, kFormatBgra8), extension_of(kMost, ~0ull)));
    EXPECT_TRUE(refuses(header_of(1920, 1080, 88), extension));
    auto other = extension;
    other.magic ^= 1;
    EXPECT_TRUE(refuses(header, other));
    other = extension;
    other.version = 0;
    EXPECT_TRUE(refuses(header, other));
    other = extension;
    other.extension_bytes = kExtensionBytes - 1;
    EXPECT_TRUE(refuses(header, other));
    other = extension;
    other.slot_count = 5;
    EXPECT_TRUE(refuses(header, other));
    auto longer = header;
    longer.ring_len = 7;
    other.slot_count = 7;
    EXPECT_TRUE(refuses(longer, other));
    longer.ring_len = 0;
    other.slot_count = 0;
    EXPECT_TRUE(refuses(longer, other));
}

TEST(Geometry, ANewerExtensionIsReadAsThisOne) {
    RingGeometry g{};
    auto extension = extension_of(7680, 7680 * 1080);
    extension.version = 9;
    extension.extension_bytes = kExtensionBytes + 640;
    EXPECT_TRUE(read_geometry(header_of(1920, 1080, kFormatBgra8), extension, g));
}

TEST(CheckToken, OnlyANewFrameOfThisRingInASlotThatExists) {
    EXPECT_EQ(check_token(FrameToken::unpack(0), 1, 6, 0, false), TokenCheck::nothing_new);
    EXPECT_EQ(check_token({1, 1, 0}, 1, 6, 0, false), TokenCheck::ok);
    EXPECT_EQ(check_token({1, 1, 0}, 1, 6, 1, true), TokenCheck::nothing_new);
    EXPECT_EQ(check_token({1, 2, 5}, 1, 6, 1, true), TokenCheck::ok);
    EXPECT_EQ(check_token({1, 1, 5}, 1, 6, 2, true), TokenCheck::nothing_new);
    EXPECT_EQ(check_token({2, 2, 5}, 1, 6, 1, true), TokenCheck::foreign_generation);
    EXPECT_EQ(check_token({1, 2, 6}, 1, 6, 1, true), TokenCheck::slot_out_of_range);
    EXPECT_EQ(check_token({1, 2, 255}, 1, 6, 1, true), TokenCheck::slot_out_of_range);
}

TEST(CheckToken, SeqWrapsThroughZero) {
    EXPECT_EQ(check_token({1, kMost, 0}, 1, 6, kMost - 1, true), TokenCheck::ok);
    EXPECT_EQ(check_token({1, 0, 0}, 1, 6, kMost, true), TokenCheck::ok);
    EXPECT_EQ(check_token({1, 0, 0}, 1, 6, 0, true), TokenCheck::nothing_new);
    EXPECT_EQ(check_token({1, 1, 0}, 1, 6, 0, true), TokenCheck::ok);
    EXPECT_EQ(check_token({1, kMost, 0}, 1, 6, 0, true), TokenCheck::nothing_new);
}

TEST(DamageCovers, TheFramesFromItsBaseOn) {
    EXPECT_TRUE(damage_covers(0, 9, 10, 9, true));
    EXPECT_TRUE(damage_covers(0, 5, 10, 9, true));
    EXPECT_TRUE(damage_covers(0, 5, 10, 5, true));
    EXPECT_FALSE(damage_covers(0, 5, 10, 4, true));
    EXPECT_FALSE(damage_covers(0, 5, 10, 9, false));
    EXPECT_FALSE(damage_covers(kRecordFullDamage, 9, 10, 9, true));
    EXPECT_FALSE(damage_covers(0, 11, 10, 12, true));  // a base after its own frame
    EXPECT_FALSE(damage_covers(0, 11, 10, 10, true));
    EXPECT_TRUE(damage_covers(0, kMost, 1, kMost, true));
    EXPECT_TRUE(damage_covers(0, kMost - 1, 0, kMost, true));
    EXPECT_FALSE(damage_covers(0, 0, 1, kMost, true));
}

TEST(Clip, StaysInsideTheFrame) {
    const auto same = [](const DamageRect& a, const DamageRect& b) {
        return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
    };
    EXPECT_TRUE(same(clip({1, 2, 3, 4}, 100, 100), {1, 2, 3, 4}));
    EXPECT_TRUE(same(clip({90, 95, 20, 20}, 100, 100), {90, 95, 10, 5}));
    EXPECT_TRUE(same(clip({0, 0, kMost, kMost}, 100, 100), {0, 0, 100, 100}));
    EXPECT_TRUE(same(clip({99, 99, kMost, kMost}, 100, 100), {99, 99, 1, 1}));
    for (const DamageRect& outside :
         {DamageRect{100, 0, 1, 1}, DamageRect{0, 100, 1, 1},
          DamageRect{kMost, kMost, kMost, kMost}, DamageRect{1, 1, 0, 5}, DamageRect{1, 1, 5, 0}}) {
        EXPECT_TRUE(same(clip(outside, 100, 100), {0, 0, 0, 0}));
    }
}

TEST(CursorShape, LiesInsideItsSection) {
    CursorShm cursor{};
    cursor.width = 256;
    cursor.height = 256;
    cursor.pitch = 1024;
    EXPECT_TRUE(valid_cursor_shape(cursor, kCursorSectionBytes));
    EXPECT_FALSE(valid_cursor_shape(cursor, kCursorSectionBytes - 1));
    cursor.pitch = 1028;
    EXPECT_FALSE(valid_cursor_shape(cursor, ~0ull));
    cursor.pitch = 1020;
    EXPECT_FALSE(valid_cursor_shape(cursor, kCursorSectionBytes));
    cursor.pitch = 1024;
    cursor.width = kMost;
    EXPECT_FALSE(valid_cursor_shape(cursor, ~0ull));
    cursor.width = 1;
    cursor.height = kMost;
    EXPECT_FALSE(valid_cursor_shape(cursor, ~0ull));
}

}  // namespace
}  // namespace pf::proto
