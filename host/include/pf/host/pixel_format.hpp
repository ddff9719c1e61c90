// How a frame's pixels are stored. What their values mean: color.hpp.
#pragma once

#include <cstdint>

#include <pf/proto/frame.hpp>

namespace pf::host {

enum class PixelFormat : std::uint32_t {  // values: proto::kFormat*
    bgra8 = proto::kFormatBgra8,
    rgb10a2 = proto::kFormatRgb10a2,
    rgba16f = proto::kFormatRgba16f,
};

}  // namespace pf::host
