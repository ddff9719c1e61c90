// The pointer's picture and where it goes in a frame. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <pf/core/damage_region.hpp>
#include <pf/proto/frame.hpp>

#include "x11_layout.hpp"

namespace pf::driver {

struct PointerImage {
    std::uint32_t width = 0;   // pixels
    std::uint32_t height = 0;  // pixels
    std::uint32_t hot_x = 0;
    std::uint32_t hot_y = 0;
    std::vector<std::uint32_t> pixels;  // BGRA, premultiplied, width * height

    bool empty() const;  // nothing of it can be seen
    // Shrunk to at most `most` pixels a side, hot spot and shape kept; the same if it fits.
    PointerImage fitted(std::uint32_t most) const;
};

// `x`, `y`: the hot spot on the screen. The rectangle of the image on the screen.
X11Area pointer_area(const PointerImage& image, std::int32_t x, std::int32_t y);

// What the pointer is drawn into: a frame of `width` pixels a row, of which only some rows.
struct BlendTarget {
    std::span<std::byte> frame;  // every row in `rows` lies in it
    std::uint32_t pitch_bytes = 0;
    std::uint32_t width = 0;                          // pixels
    std::uint32_t dxgi_format = proto::kFormatBgra8;  // or kFormatRgb10a2
    core::DamageRegion::Rows rows{};                  // [first, end)
};

// Draws the image with its corner at `left`, `top` of the frame (negative: cut off).
void blend_pointer(const BlendTarget& target, const PointerImage& image, std::int32_t left,
                   std::int32_t top);

}  // namespace pf::driver
