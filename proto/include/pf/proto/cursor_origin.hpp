// Where a monitor lies on the desktop, behind the cursor section: CursorShm says where the pointer
// is in pixels of the desktop, and a host draws it in pixels of the monitor. A peer of the public
// contract maps the section's first kCursorSectionBytes and never looks here.
#pragma once

#include <pf/proto/cursor.hpp>

namespace pf::proto {

inline constexpr std::uint32_t kCursorOriginMagic = 0x4F434650;     // "PFCO"
inline constexpr std::uint32_t kCursorOriginOffset = 262208;        // bytes into the section
inline constexpr std::uint32_t kCursorSectionOriginBytes = 262272;  // of a section that has it

// magic: host, before CursorShm::magic. Everything else: driver, under CursorShm's seqlock, so that
// pointer and origin are of one moment.
struct CursorOrigin {
    std::uint32_t magic;
    std::uint32_t known;  // non-zero: x and y are
    std::int32_t x;       // top-left of the monitor, desktop pixels
    std::int32_t y;
    std::uint32_t reserved[12];
};

inline constexpr ConstantPin kCursorOriginConstants[] = {
    PF_PROTO_CONSTANT(kCursorOriginMagic, std::uint32_t, 0x4F434650),
    PF_PROTO_CONSTANT(kCursorOriginOffset, std::uint32_t, 262208),
    PF_PROTO_CONSTANT(kCursorSectionOriginBytes, std::uint32_t, 262272),
};
static_assert(abi::count(kCursorOriginConstants) == 3);

PF_PROTO_LAYOUT(CursorOrigin, 64, 4, PF_PROTO_FIELD(CursorOrigin, std::uint32_t, magic, 0),
                PF_PROTO_FIELD(CursorOrigin, std::uint32_t, known, 4),
                PF_PROTO_FIELD(CursorOrigin, std::int32_t, x, 8),
                PF_PROTO_FIELD(CursorOrigin, std::int32_t, y, 12),
                PF_PROTO_FIELD(CursorOrigin, std::uint32_t[12], reserved, 16));

static_assert(kCursorOriginOffset == kCursorSectionBytes && kCursorOriginOffset % 64 == 0 &&
              kCursorSectionOriginBytes == kCursorOriginOffset + sizeof(CursorOrigin));

}  // namespace pf::proto
