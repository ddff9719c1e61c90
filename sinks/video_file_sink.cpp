#include "video_file_sink.hpp"

#include <algorithm>

#include <pf/sinks/video_facts.hpp>

#include "video_encoder.hpp"

namespace pf::sinks {
namespace {

constexpr const char* kOpen = "open video file";
constexpr const char* kWrite = "write video file";

std::string even_note(const SinkOptions& options, PictureSize size) {
    return options.path + ": H.264 counts pixels in pairs: " + std::to_string(options.mode.width) +
           "x" + std::to_string(options.mode.height) + " is written as " +
           std::to_string(size.width) + "x" + std::to_string(size.height) +
           ", its edge repeated; --chroma 444 or --codec ffv1 keep the size";
}

struct Dictionary {
    AVDictionary* entries = nullptr;
    ~Dictionary() { av_dict_free(&entries); }
};

}  // namespace

VideoFileSink::VideoFileSink(const SinkOptions& options, const VideoPlan& plan,
                             std::shared_ptr<os::OutputFile> file)
    : plan_(plan),
      converter_(plan, options.mode),
      timeline_(plan.ticks_per_second),
      pace_(plan.ticks_per_second),
      scale_note_(options),
      frame_ticks_(
          std::max<std::int64_t>(plan.ticks_per_second * 1000 / options.mode.millihertz(), 1)),
      flush_ticks_(file->has_reader() ? 0 : plan.ticks_per_second),
      file_(std::move(file)),
      packet_(av_packet_alloc()) {}

VideoFileSink::~VideoFileSink() {
    (void)finish();
}

os::Result<std::unique_ptr<FrameSink>> VideoFileSink::open(const SinkOptions& options,
                                                           std::shared_ptr<os::OutputFile> file) {
    auto plan = plan_video(options);
    if (!plan) {
        return tl::unexpected(plan.error());
    }
    std::unique_ptr<VideoFileSink> sink(new VideoFileSink(options, *plan, std::move(file)));
    auto opened = sink->open_encoder(options);
    if (opened) {
        opened = sink->open_muxer(options);
    }
    if (opened) {
        opened = sink->write_header();
    }
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    if (options.note && plan->size != PictureSize{options.mode.width, options.mode.height}) {
        options.note(even_note(options, plan->size));
    }
    return sink;
}

tl::unexpected<os::Error> VideoFileSink::fail_write(int code) const {
    if (!file_->failure()) {
        return fail_libav(kWrite, code, file_->name());
    }
    os::Error error = *file_->failure();
    error.detail += any_plays_ && !file_->has_reader() ? "; what was written before plays" : "";
    return tl::unexpected(error);
}

os::Result<void> VideoFileSink::open_encoder(const SinkOptions& options) {
    auto encoder = open_video_encoder(plan_, options);
    if (!encoder) {
        return tl::unexpected(encoder.error());
    }
    encoder_ = std::move(*encoder);
    return packet_ ? os::Result<void>() : fail_memory(kOpen, file_->name());
}

os::Result<void> VideoFileSink::open_muxer(const SinkOptions& options) {
    AVFormatContext* context = nullptr;
    const int code = avformat_alloc_output_context2(&context, nullptr, plan_.container, nullptr);
    if (code < 0) {
        return fail_libav(kOpen, code, file_->name());
    }
    muxer_.reset(context);
    output_ = open_avio(*file_);
    stream_ = avformat_new_stream(context, nullptr);
    if (!output_ || stream_ == nullptr) {
        return fail_memory(kOpen, file_->name());
    }
    context->pb = output_.get();
    context->flags |= AVFMT_FLAG_CUSTOM_IO;
    return describe_stream(*stream_, *encoder_, plan_, options);
}

os::Result<void> VideoFileSink::write_header() {
    if (auto emptied = file_->truncate(); !emptied) {
        return emptied;
    }
    Dictionary options;
    // Fragments, each complete in itself, as Matroska's clusters are; flush() says when one ends.
    av_dict_set(&options.entries, "movflags", "frag_custom+empty_moov+default_base_moof", 0);
    av_dict_set(&options.entries, "cluster_time_limit", "30000", 0);  // flush() comes before
    av_dict_set(&options.entries, "cluster_size_limit", "2147483647", 0);
    const int code = avformat_write_header(muxer_.get(), &options.entries);
    avio_flush(output_.get());
    if (code < 0 || file_->failure()) {
        return fail_write(code);
    }
    header_written_ = true;
    whole_bytes_ = avio_tell(output_.get());
    return {};
}

os::Result<void> VideoFileSink::push(const host::Frame& frame) {
    scale_note_.look(frame.view());
    return show(frame, timeline_.place(frame.view().times));
}

os::Result<void> VideoFileSink::idle(std::int64_t now_ns) {
    const std::int64_t tick = timeline_.tick_of(now_ns);
    if (!last_ || !pace_.repeat_due(tick)) {
        return {};
    }
    if (plan_.every_picture_is_key) {  // nothing to gain for the many bytes that it takes
        return flush(tick);
    }
    return show(last_, timeline_.place_again(now_ns));
}

os::Result<void> VideoFileSink::show(const host::Frame& frame, std::int64_t tick) {
    auto picture = converter_.convert(frame.view());
    if (!picture) {
        return tl::unexpected(picture.error());
    }
    last_ = frame;
    const bool key = plan_.every_picture_is_key || pace_.key_due(tick);
    (*picture)->pts = tick;
    (*picture)->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    pace_.shown(tick, key);
    if (auto done = encode(*picture); !done) {
        return done;
    }
    return flush(tick);
}

os::Result<void> VideoFileSink::encode(AVFrame* picture) {
    const int code = avcodec_send_frame(encoder_.get(), picture);
    if (code < 0) {
        return fail_libav(kWrite, code, file_->name());
    }
    return write_packets();
}

os::Result<void> VideoFileSink::write_packets() {
    for (;;) {
        int code = avcodec_receive_packet(encoder_.get(), packet_.get());
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
            return {};
        }
        if (code < 0) {
            return fail_libav(kWrite, code, file_->name());
        }
        packet_->duration = frame_ticks_;
        packet_->stream_index = stream_->index;
        av_packet_rescale_ts(packet_.get(), encoder_->time_base, stream_->time_base);
        code = av_write_frame(muxer_.get(), packet_.get());
        av_packet_unref(packet_.get());
        if (code < 0 || file_->failure()) {
            return fail_write(code);
        }
    }
}

os::Result<void> VideoFileSink::flush(std::int64_t tick) {
    if (tick - flushed_tick_ < flush_ticks_ && tick != 0) {
        return {};
    }
    flushed_tick_ = tick;
    return end_cluster();
}

os::Result<void> VideoFileSink::end_cluster() {
    const int code = av_write_frame(muxer_.get(), nullptr);  // or the fragment
    avio_flush(output_.get());
    if (code < 0 || file_->failure()) {
        return fail_write(code);
    }
    const std::int64_t end = avio_tell(output_.get());
    any_plays_ = any_plays_ || end > whole_bytes_;
    whole_bytes_ = end;
    return {};
}

// A file plays up to where it was cut, but for an .mp4 that was cut in a fragment's index: players
// refuse the whole of it, so that fragment goes.
void VideoFileSink::leave_what_plays() {
    if (file_->failure() && !opens_as_video(file_->name())) {
        (void)file_->truncate(whole_bytes_);
    }
}

os::Result<void> VideoFileSink::close(std::int64_t end_ns) {
    // Players end with the last picture, whatever the container says about its length; one that
    // stood still is therefore written once more, a frame before the end.
    os::Result<void> repeated;
    const std::int64_t tick = timeline_.place_end(end_ns, frame_ticks_);
    if (!finished_ && last_ && tick >= 0) {
        const host::Frame last = last_;
        repeated = show(last, tick);
    }
    auto done = finish();
    return repeated ? done : repeated;
}

os::Result<void> VideoFileSink::finish() {
    if (finished_ || !header_written_) {
        return {};
    }
    finished_ = true;
    last_ = {};
    auto drained = encode(nullptr);
    const int code = av_write_trailer(muxer_.get());  // also frees what the muxer holds
    avio_flush(output_.get());
    leave_what_plays();
    auto closed = file_->close();
    if (!drained) {
        return drained;
    }
    if (code < 0 || !closed) {
        return fail_write(code);
    }
    return {};
}

}  // namespace pf::sinks
