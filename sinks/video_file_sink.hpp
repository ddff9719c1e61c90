// A video file through libav. Every frame lands at its own time; nothing is invented in between.
// A file cut short by a full disk or a crash still plays when it is Matroska.
#pragma once

#include <pf/sinks/frame_sink.hpp>

#include "frame_converter.hpp"
#include "video_timeline.hpp"

namespace pf::sinks {

class VideoFileSink final : public FrameSink {
public:
    static os::Result<std::unique_ptr<FrameSink>> open(const SinkOptions& options);
    ~VideoFileSink() override;

    os::Result<void> push(const host::Frame& frame) override;
    os::Result<void> close(std::int64_t end_ns) override;

private:
    VideoFileSink(const SinkOptions& options, const VideoPlan& plan);
    os::Result<void> open_encoder(const SinkOptions& options);
    os::Result<void> open_file();
    os::Result<void> encode(AVFrame* picture, std::int64_t tick);  // null: drain
    os::Result<void> write_packets();
    os::Result<void> finish();

    std::string path_;
    VideoPlan plan_;
    FrameConverter converter_;
    VideoTimeline timeline_;
    std::int64_t frame_ticks_;
    CodecPtr encoder_;
    OutputPtr file_;
    AVStream* stream_ = nullptr;  // file_'s
    PacketPtr packet_;
    host::Frame last_;  // shown again at the end; see close()
    bool header_written_ = false;
    bool finished_ = false;
};

}  // namespace pf::sinks
