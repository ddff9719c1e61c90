#include "x11_pixels.hpp"

#include <xcb/xcb.h>

#include <cstring>

#include <fmt/format.h>

#include <pf/proto/frame.hpp>

#include "xorg/x11_connection.hpp"

namespace pf::driver {
namespace {

const xcb_visualtype_t* root_visual(const xcb_screen_t& screen) {
    for (auto depth = xcb_screen_allowed_depths_iterator(&screen); depth.rem > 0;
         xcb_depth_next(&depth)) {
        for (auto visual = xcb_depth_visuals_iterator(depth.data); visual.rem > 0;
             xcb_visualtype_next(&visual)) {
            if (visual.data->visual_id == screen.root_visual) {
                return visual.data;
            }
        }
    }
    return nullptr;
}

std::uint8_t bits_per_pixel(const xcb_setup_t& setup, std::uint8_t depth) {
    for (auto format = xcb_setup_pixmap_formats_iterator(&setup); format.rem > 0;
         xcb_format_next(&format)) {
        if (format.data->depth == depth) {
            return format.data->bits_per_pixel;
        }
    }
    return 0;
}

// 10 bits to the nearest of 8.
constexpr std::uint32_t narrow(std::uint32_t channel) {
    return (channel * 255 + 511) / 1023;
}

std::uint32_t bgr10_to_bgra8(std::uint32_t pixel) {
    return 0xFF000000 | narrow(pixel >> 20 & 0x3FF) << 16 | narrow(pixel >> 10 & 0x3FF) << 8 |
           narrow(pixel & 0x3FF);
}

// DXGI has red in the low bits, X has blue.
std::uint32_t bgr10_to_rgb10a2(std::uint32_t pixel) {
    return 0xC0000000 | (pixel & 0x3FF) << 20 | (pixel & 0xFFC00) | (pixel >> 20 & 0x3FF);
}

template <typename Change>
void change_rows(std::span<std::byte> frame, std::uint32_t width, core::DamageRegion::Rows rows,
                 Change change) {
    std::byte* at = frame.data() + std::size_t{rows.first} * width * 4;
    std::byte* const end = frame.data() + std::size_t{rows.end} * width * 4;
    for (; at < end; at += 4) {
        std::uint32_t pixel;
        std::memcpy(&pixel, at, 4);
        pixel = change(pixel);
        std::memcpy(at, &pixel, 4);
    }
}

}  // namespace

os::Result<X11Pixels> recognize(const X11PixelLayout& layout) {
    constexpr const char* kLook = "look at the screen's pixels";
    const bool deep = layout.depth == 30;
    if (!deep && layout.depth != 24 && layout.depth != 32) {
        return os::fail(kLook, 0, os::Reaction::reject,
                        fmt::format("the X server has depth {}; depth 24 or 30 is needed "
                                    "(DefaultDepth in its configuration)",
                                    layout.depth));
    }
    const std::uint32_t red = deep ? 0x3FF00000 : 0xFF0000;
    const std::uint32_t green = deep ? 0xFFC00 : 0xFF00;
    const std::uint32_t blue = deep ? 0x3FF : 0xFF;
    if (layout.bits_per_pixel == 32 && layout.little_endian && layout.true_color &&
        layout.red == red && layout.green == green && layout.blue == blue) {
        return deep ? X11Pixels::bgr10 : X11Pixels::bgr8;
    }
    return os::fail(
        kLook, 0, os::Reaction::reject,
        fmt::format("the X server has depth {} with {} {}-endian bits a pixel, {}masks {:x}, "
                    "{:x}, {:x}; 32 little-endian ones with true color and {:x}, {:x}, {:x} are "
                    "needed",
                    layout.depth, layout.bits_per_pixel, layout.little_endian ? "little" : "big",
                    layout.true_color ? "" : "indexed colors, ", layout.red, layout.green,
                    layout.blue, red, green, blue));
}

os::Result<X11Pixels> pixels_of(const X11Connection& connection) {
    const xcb_setup_t& setup = *xcb_get_setup(connection.raw());
    const xcb_screen_t& screen = connection.screen();
    X11PixelLayout layout;
    layout.depth = screen.root_depth;
    layout.bits_per_pixel = bits_per_pixel(setup, screen.root_depth);
    layout.little_endian = setup.image_byte_order == XCB_IMAGE_ORDER_LSB_FIRST;
    if (const xcb_visualtype_t* visual = root_visual(screen)) {
        layout.true_color = visual->_class == XCB_VISUAL_CLASS_TRUE_COLOR;
        layout.red = visual->red_mask;
        layout.green = visual->green_mask;
        layout.blue = visual->blue_mask;
    }
    return recognize(layout);
}

bool gives(X11Pixels pixels, std::uint32_t dxgi_format) {
    return dxgi_format == proto::kFormatBgra8 ||
           (pixels == X11Pixels::bgr10 && dxgi_format == proto::kFormatRgb10a2);
}

bool same_bytes(X11Pixels pixels, std::uint32_t dxgi_format) {
    return pixels == X11Pixels::bgr8 && dxgi_format == proto::kFormatBgra8;
}

void convert(std::span<std::byte> frame, std::uint32_t width, core::DamageRegion::Rows rows,
             X11Pixels pixels, std::uint32_t dxgi_format) {
    if (same_bytes(pixels, dxgi_format)) {
        return;
    }
    if (dxgi_format == proto::kFormatRgb10a2) {
        change_rows(frame, width, rows, bgr10_to_rgb10a2);
    } else {
        change_rows(frame, width, rows, bgr10_to_bgra8);
    }
}

}  // namespace pf::driver
