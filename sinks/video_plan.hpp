// How frames of one format become one codec's pictures. Pure decisions.
#pragma once

#include <pf/sinks/frame_sink.hpp>

#include "libav_handles.hpp"
#include "picture_fit.hpp"

namespace pf::sinks {

struct ColourTags {
    AVColorPrimaries primaries;
    AVColorTransferCharacteristic transfer;
    AVColorSpace matrix;
    AVColorRange range;
};

struct VideoPlan {
    AVCodecID codec;
    const char* encoder;    // libavcodec's name
    AVPixelFormat picture;  // what the encoder takes
    PictureSize size;       // of the pictures: the mode's, or the even one that holds it
    ColourTags colour;
    std::int64_t ticks_per_second;
    const char* container;  // libavformat's name
    bool hdr;
    bool every_picture_is_key;
};

// Windows' meaning of the formats: bgra8 is sRGB, rgb10a2 is BT.2020 PQ (HDR10), rgba16f is linear
// scRGB (1.0 = 80 nits), which is written as BT.2020 PQ too.
os::Result<VideoPlan> plan_video(const SinkOptions& options);

}  // namespace pf::sinks
