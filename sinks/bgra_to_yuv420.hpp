// 8-bit desktop pixels to the planes that most video encoders take: BT.709, limited range, one
// chroma sample for each 2x2 pixels, sited in their middle.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <pf/host/frame.hpp>

namespace pf::sinks {

struct Planes420 {
    std::array<std::uint8_t*, 3> yuv{};        // first rows
    std::array<std::size_t, 3> pitch_bytes{};  // from row to row
};

// Rows [first, end) of a bgra8 frame whose width and height are even; first and end are even.
void bgra_to_yuv420(const host::FrameView& view, std::uint32_t first, std::uint32_t end,
                    const Planes420& out);

}  // namespace pf::sinks
