// What an HDR stream says of the display that it was made for: SMPTE ST 2086 (primaries, white,
// luminance) and CTA-861.3 (content light level), as BT.2020 with its white D65.
#pragma once

#include <string>

#include <pf/sinks/frame_sink.hpp>

#include "libav_handles.hpp"

namespace pf::sinks {

// In the stream: options of x264, which writes them as messages of the bit stream.
std::string x264_light(const LightLevels& light);
// In the container.
os::Result<void> add_light(AVStream& stream, const LightLevels& light);

}  // namespace pf::sinks
