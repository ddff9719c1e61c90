// The pointer's picture and where it goes in a frame. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <pf/core/damage_region.hpp>

#include "x11_layout.hpp"

namespace pf::hostproc {

struct PointerImage {
    std::uint32_t width = 0;   // pixels
    std::uint32_t height = 0;  // pixels
    std::uint32_t hot_x = 0;
    std::uint32_t hot_y = 0;
    std::vector<std::uint32_t> pixels;  // BGRA, premultiplied, width * height

    bool empty() const;  // nothing of it can be seen
    // Cut to what the cursor channel can carry.
    void limit(std::uint32_t most);
};

// `x`, `y`: the hot spot on the screen. The rectangle of the image on the screen.
X11Area pointer_area(const PointerImage& image, std::int32_t x, std::int32_t y);

// Draws the image over rows [rows.first, rows.end) of a frame of `width` pixels a row, `left` and
// `top` being its place in the frame (negative: cut off). Every row in `rows` lies in `frame`.
void blend_pointer(std::span<std::byte> frame, std::uint32_t pitch_bytes, std::uint32_t width,
                   core::DamageRegion::Rows rows, const PointerImage& image, std::int32_t left,
                   std::int32_t top);

}  // namespace pf::hostproc
