// The one place where pixels move. In bands of rows, so that a caller may act (wake the reader)
// before the end of a copy.
#pragma once

#include <cstddef>
#include <cstdint>

#include <pf/core/damage_region.hpp>

namespace pf::core {

struct CopyTarget {
    std::byte* pixels;
    std::uint32_t pitch_bytes;
};

struct CopySource {
    const std::byte* pixels;
    std::uint32_t pitch_bytes;
    std::uint32_t width;   // pixels
    std::uint32_t height;  // pixels
    std::uint32_t pixel_bytes;
};

// Copies the part of `region` that lies in rows [first_row, end_row), and nothing outside the
// frame. Returns the bytes moved. Both sides have `height` rows; they do not overlap.
std::uint64_t copy_rects(const CopyTarget& to, const CopySource& from, const DamageRegion& region,
                         std::uint32_t first_row, std::uint32_t end_row);

}  // namespace pf::core
