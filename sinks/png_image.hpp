// A frame as the bytes of a PNG file: bgra8 is 8-bit RGB; rgb10a2 is 16-bit RGB with a cICP chunk
// that says BT.2020 PQ; rgba16f is 16-bit sRGB, clipped to 0..1. Any thread.
#pragma once

#include <cstddef>
#include <vector>

#include <pf/host/frame.hpp>
#include <pf/os/result.hpp>

namespace pf::sinks {

// The whole PNG, in memory. Retry: no memory for it.
os::Result<std::vector<std::byte>> encode_png(const host::FrameView& view);

}  // namespace pf::sinks
