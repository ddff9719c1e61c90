// The pointer, when a session asked for it apart from the frames (hw_cursor).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace pf::host {

// 32 bits a pixel, rows without gaps. Never changes once handed out.
struct CursorShape {
    std::uint32_t id = 0;      // differs from the previous shape's
    std::uint32_t width = 0;   // pixels, at most 256
    std::uint32_t height = 0;  // pixels, at most 256
    std::uint32_t hot_x = 0;   // pixels from the top-left
    std::uint32_t hot_y = 0;
    bool masked = false;  // masked colour (XOR where alpha is 0xFF); else premultiplied alpha
    std::vector<std::uint32_t> pixels;
};

struct Cursor {
    bool visible = false;  // also false while the pointer is on another monitor
    std::int32_t x = 0;    // top-left of the shape, pixels of the monitor: 0, 0 is its top-left;
    std::int32_t y = 0;    // the shape may reach out of it on every side
    // The driver does not say where its monitor lies on the desktop (one of the public contract
    // does not): x and y are pixels of the desktop, right for a monitor at its top-left.
    bool in_desktop_pixels = false;
    std::shared_ptr<const CursorShape> shape;  // null: none yet
};

}  // namespace pf::host
