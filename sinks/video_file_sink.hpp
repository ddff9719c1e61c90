// A video through libav. Every frame lands at its own time. While none comes, the last picture is
// written again now and then (see KeyFramePace), so that the video goes on with time. What is
// written reaches the file at least once a second, a reader at once; a file that is cut short plays
// up to there.
#pragma once

#include <pf/sinks/frame_sink.hpp>

#include "avio_output.hpp"
#include "frame_converter.hpp"
#include "key_frame_pace.hpp"
#include "output_note.hpp"
#include "video_timeline.hpp"

namespace pf::sinks {

class VideoFileSink final : public FrameSink {
public:
    static os::Result<std::unique_ptr<FrameSink>> open(const SinkOptions& options,
                                                       std::shared_ptr<os::OutputFile> file);
    ~VideoFileSink() override;

    os::Result<void> push(const host::Frame& frame) override;
    os::Result<void> idle(std::int64_t now_ns) override;
    os::Result<void> close(std::int64_t end_ns) override;

private:
    VideoFileSink(const SinkOptions& options, const VideoPlan& plan,
                  std::shared_ptr<os::OutputFile> file);
    os::Result<void> open_encoder(const SinkOptions& options);
    os::Result<void> open_muxer(const SinkOptions& options);
    os::Result<void> write_header();
    os::Result<void> show(const host::Frame& frame, std::int64_t tick);
    os::Result<void> encode(AVFrame* picture);  // null: drain
    os::Result<void> write_packets();
    os::Result<void> flush(std::int64_t tick);  // when it is due
    os::Result<void> finish();
    os::Result<void> end_cluster();
    void leave_what_plays();
    tl::unexpected<os::Error> fail_write(int code) const;

    VideoPlan plan_;
    FrameConverter converter_;
    VideoTimeline timeline_;
    KeyFramePace pace_;
    ScaleNote scale_note_;
    std::int64_t frame_ticks_;
    std::int64_t flush_ticks_;
    std::int64_t flushed_tick_ = 0;
    CodecPtr encoder_;
    std::shared_ptr<os::OutputFile> file_;
    AvioPtr output_;
    OutputPtr muxer_;
    AVStream* stream_ = nullptr;  // muxer_'s
    PacketPtr packet_;
    host::Frame last_;  // shown again while nothing comes, and at the end
    bool header_written_ = false;
    bool any_plays_ = false;        // a cluster or fragment is whole
    std::int64_t whole_bytes_ = 0;  // with the last one that is
    bool finished_ = false;
};

}  // namespace pf::sinks
