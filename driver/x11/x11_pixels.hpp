// How the screen's pixels are laid out, and what of it a ring can have. Pure but for pixels_of(),
// which reads what the connection's greeting told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/core/damage_region.hpp>
#include <pf/os/result.hpp>

namespace pf::driver {

class X11Connection;

// 32 bits a pixel, little-endian, what is left of them undefined.
enum class X11Pixels : std::uint8_t {
    bgr8,   // depth 24 or 32: blue in bits 0..7
    bgr10,  // depth 30: blue in bits 0..9
};

// Of the root window. reject: another depth or layout; the error names it and what is needed.
os::Result<X11Pixels> pixels_of(const X11Connection& connection);

// What pixels_of() decides from, as the X protocol's setup names it.
struct X11PixelLayout {
    std::uint8_t depth = 0;
    std::uint8_t bits_per_pixel = 0;
    bool little_endian = true;
    bool true_color = true;  // values are colors, not indices
    std::uint32_t red = 0;   // masks
    std::uint32_t green = 0;
    std::uint32_t blue = 0;
};
os::Result<X11Pixels> recognize(const X11PixelLayout& layout);

// A ring of `dxgi_format` can be filled with such pixels.
bool gives(X11Pixels pixels, std::uint32_t dxgi_format);
// The screen's bytes are a frame's as they are.
bool same_bytes(X11Pixels pixels, std::uint32_t dxgi_format);

// Turns rows [rows.first, rows.end) of a frame with tight rows of `width` pixels from the screen's
// layout into `dxgi_format`, in place. Only where gives(). Every row in `rows` lies in `frame`.
void convert(std::span<std::byte> frame, std::uint32_t width, core::DamageRegion::Rows rows,
             X11Pixels pixels, std::uint32_t dxgi_format);

}  // namespace pf::driver
