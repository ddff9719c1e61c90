// The hardware cursor channel: one section that the host creates, with the pointer's state in
// front and its shape behind. The driver writes it under a seqlock.
#pragma once

#include <pf/proto/version.hpp>

namespace pf::proto {

inline constexpr std::uint32_t kCursorMagic = 0x55434650;  // "PFCU"
inline constexpr std::uint32_t kCursorTypeMasked = 1;
inline constexpr std::uint32_t kCursorTypeAlpha = 2;
inline constexpr std::uint32_t kCursorShapeOffset = 64;       // bytes into the section
inline constexpr std::uint32_t kCursorMaxDimension = 256;     // pixels
inline constexpr std::uint32_t kCursorSectionBytes = 262208;  // 64 + 256 * 256 * 4

// magic: host. Everything else: driver, between two increments of seq.
struct CursorShm {
    std::uint32_t magic;
    std::uint32_t seq;          // odd while the driver writes
    std::uint32_t visible;      // non-zero: draw it
    std::uint32_t cursor_type;  // kCursorType*
    std::int32_t x;             // top-left of the shape, desktop pixels
    std::int32_t y;
    std::uint32_t shape_id;  // changes with the shape; the pixels need a new read
    std::uint32_t width;     // pixels, at most 256
    std::uint32_t height;    // pixels, at most 256
    std::uint32_t pitch;     // bytes from one row of the shape to the next
    std::uint32_t hot_x;     // pixels from the top-left
    std::uint32_t hot_y;
    std::uint32_t reserved[4];
};

inline constexpr ConstantPin kCursorConstants[] = {
    PF_PROTO_CONSTANT(kCursorMagic, std::uint32_t, 0x55434650),
    PF_PROTO_CONSTANT(kCursorTypeMasked, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kCursorTypeAlpha, std::uint32_t, 2),
    PF_PROTO_CONSTANT(kCursorShapeOffset, std::uint32_t, 64),
    PF_PROTO_CONSTANT(kCursorMaxDimension, std::uint32_t, 256),
    PF_PROTO_CONSTANT(kCursorSectionBytes, std::uint32_t, 262208),
};
static_assert(abi::count(kCursorConstants) == 6);

PF_PROTO_LAYOUT(CursorShm, 64, 4, PF_PROTO_FIELD(CursorShm, std::uint32_t, magic, 0),
                PF_PROTO_FIELD(CursorShm, std::uint32_t, seq, 4),
                PF_PROTO_FIELD(CursorShm, std::uint32_t, visible, 8),
                PF_PROTO_FIELD(CursorShm, std::uint32_t, cursor_type, 12),
                PF_PROTO_FIELD(CursorShm, std::int32_t, x, 16),
                PF_PROTO_FIELD(CursorShm, std::int32_t, y, 20),
                PF_PROTO_FIELD(CursorShm, std::uint32_t, shape_id, 24),
                PF_PROTO_FIELD(CursorShm, std::uint32_t, width, 28),
                PF_PROTO_FIELD(CursorShm, std::uint32_t, height, 32),
                PF_PROTO_FIELD(CursorShm, std::uint32_t, pitch, 36),
                PF_PROTO_FIELD(CursorShm, std::uint32_t, hot_x, 40),
                PF_PROTO_FIELD(CursorShm, std::uint32_t, hot_y, 44),
                PF_PROTO_FIELD(CursorShm, std::uint32_t[4], reserved, 48));

static_assert(kCursorSectionBytes ==
              kCursorShapeOffset + kCursorMaxDimension * kCursorMaxDimension * 4);

}  // namespace pf::proto
