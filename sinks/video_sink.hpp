// The sinks that are videos: one source where libav is to be had, another where it is not.
#pragma once

#include <memory>

#include <pf/os/output_file.hpp>
#include <pf/sinks/frame_sink.hpp>

namespace pf::sinks {

// Fallback: this program was built without libav.
os::Result<std::unique_ptr<FrameSink>> open_video(const SinkOptions& options,
                                                  std::shared_ptr<os::OutputFile> file);

void silence_video_library();

}  // namespace pf::sinks
