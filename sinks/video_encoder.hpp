// The encoder of a video and what its stream says of itself.
#pragma once

#include <pf/sinks/frame_sink.hpp>

#include "video_plan.hpp"

namespace pf::sinks {

// Reaction fallback: this libavcodec lacks it, and the detail says what to use.
os::Result<CodecPtr> open_video_encoder(const VideoPlan& plan, const SinkOptions& options);

// Size, codec, times, light. No rate: frames come when they come, and a container that names one
// promises that they are evenly spaced.
os::Result<void> describe_stream(AVStream& stream, const AVCodecContext& encoder,
                                 const VideoPlan& plan, const SinkOptions& options);

}  // namespace pf::sinks
