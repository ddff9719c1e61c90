// What the checks of validate.hpp say at their edges, at compile time: both sides must refuse the
// same. mutation_test.py compiles this with each changed validate.hpp.
#pragma once

#include <pf/proto/validate.hpp>

namespace pf::proto {

using U32 = std::uint32_t;
using U64 = std::uint64_t;

static_assert(std::is_same_v<decltype(valid_mode), bool(U32, U32, U32)>);
static_assert(valid_mode(1, 1, 1) && valid_mode(16384, 16384, 1000));
static_assert(!valid_mode(0, 1, 1) && !valid_mode(1, 0, 1) && !valid_mode(1, 1, 0));
static_assert(!valid_mode(16385, 1, 1) && !valid_mode(1, 16385, 1) && !valid_mode(1, 1, 1001));
static_assert(valid_mode(1, 16384, 1) && !valid_mode(1, 1, 16384) && valid_mode(16384, 1, 1));

static_assert(std::is_same_v<decltype(valid_size), bool(U32, U32)>);
static_assert(valid_size(1, 16384) && valid_size(16384, 1) && !valid_size(0, 1) &&
              !valid_size(1, 0) && !valid_size(16385, 1) && !valid_size(1, 16385));

static_assert(std::is_same_v<decltype(SourceSize::width), U32> &&
              std::is_same_v<decltype(SourceSize::height), U32> &&
              std::is_same_v<decltype(SourceSize::switched_off), bool>);
static_assert(std::is_same_v<decltype(read_source_size), SourceSize(U64)>);
static_assert(read_source_size(0x0000'0438'0000'0780).width == 1920 &&
              read_source_size(0x0000'0438'0000'0780).height == 1080 &&
              !read_source_size(0x0000'0438'0000'0780).switched_off);
static_assert(read_source_size(kSourceSwitchedOff).width == 0 &&
              read_source_size(kSourceSwitchedOff).height == 0 &&
              read_source_size(kSourceSwitchedOff).switched_off);
static_assert(read_source_size(0x0000'0001'0001'0001).width == 0);
static_assert(read_source_size(0x0001'0001'0000'0001).width == 0);
static_assert(read_source_size(0x0000'0000'0000'0780).width == 0 &&
              read_source_size(0x0000'0438'0000'0000).height == 0);

static_assert(std::is_same_v<decltype(valid_monitor_id), bool(U32)>);
static_assert(!valid_monitor_id(0) && valid_monitor_id(1) && valid_monitor_id(15) &&
              !valid_monitor_id(16));

static_assert(std::is_same_v<decltype(bytes_per_pixel), U32(U32)>);
static_assert(bytes_per_pixel(87) == 4 && bytes_per_pixel(24) == 4 && bytes_per_pixel(10) == 8 &&
              bytes_per_pixel(0) == 0 && bytes_per_pixel(28) == 0);

constexpr SetFrameChannelRequest channel(U32 ring_len, U64 header, U64 event, U64 slots) {
    SetFrameChannelRequest request{};
    request.ring_len = ring_len;
    request.header_handle = header;
    request.event_handle = event;
    for (U32 i = 0; i < 6 && i < slots; ++i) {
        request.texture_handles[i] = 1;  // the least that is a handle
    }
    return request;
}
static_assert(valid_frame_channel(channel(6, 1, 1, 6)) && valid_frame_channel(channel(1, 2, 2, 1)));
static_assert(!valid_frame_channel(channel(0, 1, 1, 6)) &&
              !valid_frame_channel(channel(7, 1, 1, 6)) &&
              !valid_frame_channel(channel(1, 0, 1, 1)) &&
              !valid_frame_channel(channel(1, 1, 0, 1)) &&
              !valid_frame_channel(channel(1, 1, 1, 0)) &&
              !valid_frame_channel(channel(3, 1, 1, 2)));

constexpr SetFrameChannelRequest promising(U32 header_bytes) {
    SetFrameChannelRequest request{};
    request.header_bytes = header_bytes;
    return request;
}
static_assert(std::is_same_v<decltype(promised_header_bytes), U32(const SetFrameChannelRequest&)>);
static_assert(promised_header_bytes(promising(0)) == 64 &&
              promised_header_bytes(promising(1)) == 1 &&
              promised_header_bytes(promising(0xFFFFFFFF)) == 0xFFFFFFFF);

static_assert(std::is_same_v<decltype(has_telemetry_tail), bool(U32, U64)> &&
              std::is_same_v<decltype(has_health_tail), bool(U32, U64)> &&
              std::is_same_v<decltype(reaches_extension), bool(U64)>);
static_assert(has_telemetry_tail(2, 88) && has_telemetry_tail(3, 8192) &&
              !has_telemetry_tail(1, 88) && !has_telemetry_tail(2, 87));
static_assert(has_health_tail(3, 152) && has_health_tail(4, 8192) && !has_health_tail(2, 152) &&
              !has_health_tail(3, 151));
static_assert(reaches_extension(6592) && !reaches_extension(6591));

static_assert(std::is_same_v<decltype(read_health), Health(U32)>);
static_assert(read_health(0) == Health::initializing && read_health(1) == Health::active &&
              read_health(2) == Health::rebuilding && read_health(3) == Health::dead &&
              read_health(4) == Health::dead && read_health(0xFFFFFFFF) == Health::dead);

static_assert(std::is_same_v<decltype(RingGeometry::width), U32> &&
              std::is_same_v<decltype(RingGeometry::height), U32> &&
              std::is_same_v<decltype(RingGeometry::dxgi_format), U32> &&
              std::is_same_v<decltype(RingGeometry::ring_len), U32> &&
              std::is_same_v<decltype(RingGeometry::pitch_bytes), U32> &&
              std::is_same_v<decltype(RingGeometry::slot_bytes), U64>);

constexpr RingGeometry geometry(U32 width, U32 height, U32 format, U32 ring_len, U32 pitch,
                                U64 slot) {
    return {.width = width,
            .height = height,
            .dxgi_format = format,
            .ring_len = ring_len,
            .pitch_bytes = pitch,
            .slot_bytes = slot};
}
static_assert(valid_geometry(geometry(3, 2, 87, 1, 12, 24)) &&
              valid_geometry(geometry(3, 2, 10, 6, 24, 48)) &&
              valid_geometry(geometry(3, 2, 87, 6, 16, 32)) &&
              valid_geometry(geometry(16384, 16384, 10, 6, 262144, 4294967296)));
static_assert(!valid_geometry(geometry(3, 2, 28, 1, 12, 24)) &&          // no such format
              !valid_geometry(geometry(0, 2, 87, 1, 12, 24)) &&          // no width
              !valid_geometry(geometry(3, 0, 87, 1, 12, 24)) &&          // no height
              !valid_geometry(geometry(3, 2, 87, 0, 12, 24)) &&          // no slot
              !valid_geometry(geometry(3, 2, 87, 7, 12, 24)) &&          // too many
              !valid_geometry(geometry(3, 2, 87, 1, 8, 24)) &&           // rows overlap
              !valid_geometry(geometry(3, 2, 87, 1, 14, 28)) &&          // rows are not aligned
              !valid_geometry(geometry(3, 2, 87, 1, 262148, 600000)) &&  // longer than any row
              !valid_geometry(geometry(3, 2, 87, 1, 12, 23)) &&  // the last row ends outside
              !valid_geometry(geometry(16384, 16384, 10, 6, 262144, 4294967295)));

constexpr bool reads(U32 magic, U32 version, U32 bytes, U32 slots) {
    SharedHeader header{};
    header.width = 3;
    header.height = 2;
    header.dxgi_format = 87;
    header.ring_len = 6;
    RingExtension extension{};
    extension.magic = magic;
    extension.version = version;
    extension.extension_bytes = bytes;
    extension.slot_count = slots;
    extension.pitch_bytes = 12;
    extension.slot_bytes = 24;
    RingGeometry out{};
    const bool read = read_geometry(header, extension, out);
    return read && out.width == 3 && out.height == 2 && out.dxgi_format == 87 &&
           out.ring_len == 6 && out.pitch_bytes == 12 && out.slot_bytes == 24;
}
static_assert(reads(0x58524650, 1, 2496, 6) && reads(0x58524650, 2, 2497, 6));
static_assert(!reads(0x58524651, 1, 2496, 6) && !reads(0x58524650, 0, 2496, 6) &&
              !reads(0x58524650, 1, 2495, 6) && !reads(0x58524650, 1, 2496, 5));

static_assert(
    std::is_same_v<decltype(check_token), TokenCheck(const FrameToken&, U32, U32, U32, bool)>);
constexpr TokenCheck seen(U32 generation, U32 seq, std::uint8_t slot, U32 last_seq, bool any) {
    return check_token({.generation = generation, .seq = seq, .slot = slot}, 9, 3, last_seq, any);
}
static_assert(seen(0, 0, 0, 0, false) == TokenCheck::nothing_new);
static_assert(seen(9, 1, 0, 0, false) == TokenCheck::ok &&
              seen(9, 1, 2, 0, true) == TokenCheck::ok);
static_assert(seen(8, 1, 0, 0, false) == TokenCheck::foreign_generation &&
              seen(8, 1, 3, 0, false) == TokenCheck::foreign_generation &&
              seen(9, 1, 3, 0, false) == TokenCheck::slot_out_of_range);
static_assert(seen(9, 5, 0, 5, true) == TokenCheck::nothing_new &&
              seen(9, 5, 0, 5, false) == TokenCheck::ok &&
              seen(9, 4, 0, 5, true) == TokenCheck::nothing_new &&
              seen(9, 6, 0, 5, true) == TokenCheck::ok);
static_assert(seen(9, 0, 0, 0xFFFFFFFF, true) == TokenCheck::ok &&
              seen(9, 0xFFFFFFFF, 0, 0, true) == TokenCheck::nothing_new &&
              seen(9, 0x7FFFFFFF, 0, 0, true) == TokenCheck::ok &&
              seen(9, 0x80000000, 0, 0, true) == TokenCheck::nothing_new);

static_assert(std::is_same_v<decltype(damage_covers), bool(U32, U32, U32, U32, bool)>);
static_assert(damage_covers(0, 5, 7, 6, true) && damage_covers(0, 5, 7, 5, true) &&
              damage_covers(0, 5, 7, 7, true) && damage_covers(0, 5, 5, 5, true) &&
              damage_covers(2, 5, 7, 6, true) && damage_covers(0, 0, 0x10000, 0x8000, true));
static_assert(!damage_covers(0, 5, 7, 6, false) && !damage_covers(1, 5, 7, 6, true) &&
              !damage_covers(3, 5, 7, 6, true) && !damage_covers(0, 5, 7, 4, true) &&
              !damage_covers(0, 5, 7, 8, true) && !damage_covers(0, 5, 4, 5, true));
// Around 0, and over more than half of the circle.
static_assert(damage_covers(0, 0xFFFFFFFE, 1, 0xFFFFFFFF, true) &&
              damage_covers(0, 0xFFFFFFFE, 1, 0, true) &&
              !damage_covers(0, 0xFFFFFFFE, 1, 0xFFFFFFFD, true) &&
              !damage_covers(0, 0, 0x80000002, 0x7FFFFFFF, true) &&
              damage_covers(0, 0, 0x7FFFFFFF, 0x40000000, true));

constexpr bool clips(const DamageRect& rect, U32 width, U32 height, const DamageRect& to) {
    const DamageRect out = clip(rect, width, height);
    return out.x == to.x && out.y == to.y && out.width == to.width && out.height == to.height;
}
static_assert(std::is_same_v<decltype(clip), DamageRect(const DamageRect&, U32, U32)>);
static_assert(clips({1, 2, 3, 4}, 100, 200, {1, 2, 3, 4}) &&
              clips({1, 2, 300, 400}, 100, 200, {1, 2, 99, 198}) &&
              clips({99, 199, 1, 1}, 100, 200, {99, 199, 1, 1}) &&
              clips({99, 199, 0xFFFFFFFF, 0xFFFFFFFF}, 100, 200, {99, 199, 1, 1}) &&
              clips({0, 0, 0x20000, 0x30000}, 0x10001, 0x20002, {0, 0, 0x10001, 0x20002}));
static_assert(clips({100, 2, 3, 4}, 100, 200, {0, 0, 0, 0}) &&
              clips({1, 200, 3, 4}, 100, 200, {0, 0, 0, 0}) &&
              clips({1, 2, 0, 4}, 100, 200, {0, 0, 0, 0}) &&
              clips({1, 2, 3, 0}, 100, 200, {0, 0, 0, 0}));

constexpr bool shape_fits(U32 width, U32 height, U32 pitch, U64 section_bytes) {
    CursorShm cursor{};
    cursor.width = width;
    cursor.height = height;
    cursor.pitch = pitch;
    return valid_cursor_shape(cursor, section_bytes);
}
static_assert(std::is_same_v<decltype(valid_cursor_shape), bool(const CursorShm&, U64)>);
static_assert(shape_fits(256, 256, 1024, 262208) && shape_fits(3, 2, 12, 88) &&
              shape_fits(3, 2, 1024, 2112) && shape_fits(0, 0, 0, 64));
static_assert(!shape_fits(257, 1, 1024, 262208) && !shape_fits(1, 257, 4, 262208) &&
              !shape_fits(3, 2, 11, 262208) && !shape_fits(3, 2, 1025, 262208) &&
              !shape_fits(256, 256, 1024, 262207) && !shape_fits(3, 2, 12, 87));
static_assert(!shape_fits(257, 1, 1028, 262208));

}  // namespace pf::proto
