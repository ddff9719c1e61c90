#pragma once

#include <cstddef>

#include <pf/host/frame.hpp>

namespace pf::sinks {

constexpr std::size_t bytes_per_pixel(host::PixelFormat format) {
    return format == host::PixelFormat::rgba16f ? 8 : 4;
}

}  // namespace pf::sinks
