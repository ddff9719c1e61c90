#include <pf/sinks/video_facts.hpp>

#include "video_sink.hpp"

namespace pf::sinks {

os::Result<std::unique_ptr<FrameSink>> open_video(const SinkOptions& options,
                                                  std::shared_ptr<os::OutputFile>) {
    return os::fail("open output file", 0, os::Reaction::fallback,
                    options.path +
                        ": this program was built without libav and writes no videos; name it "
                        ".png or .raw");
}

void silence_video_library() {}

bool opens_as_video(const std::string&) {
    return false;
}

os::Result<VideoFacts> read_video_facts(const std::string& path) {
    return os::fail("read video", 0, os::Reaction::fallback,
                    path + ": this program was built without libav and reads no videos");
}

}  // namespace pf::sinks
