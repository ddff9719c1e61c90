#include "video_sink.hpp"

#include "libav_handles.hpp"
#include "video_file_sink.hpp"

namespace pf::sinks {

os::Result<std::unique_ptr<FrameSink>> open_video(const SinkOptions& options,
                                                  std::shared_ptr<os::OutputFile> file) {
    return VideoFileSink::open(options, std::move(file));
}

void silence_video_library() {
    av_log_set_level(AV_LOG_QUIET);
}

}  // namespace pf::sinks
