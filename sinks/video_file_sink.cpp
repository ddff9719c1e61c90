#include "video_file_sink.hpp"

#include <algorithm>

extern "C" {
#include <libavutil/opt.h>
}

namespace pf::sinks {
namespace {

constexpr const char* kWrite = "write video file";

void set_h264_options(AVCodecContext& encoder) {
    // Fast enough for 1080p60 beside a game; no look-ahead, so a killed process loses no frames.
    av_opt_set(encoder.priv_data, "preset", "ultrafast", 0);
    av_opt_set(encoder.priv_data, "tune", "zerolatency", 0);
    av_opt_set(encoder.priv_data, "crf", "18", 0);
    // The stream's own timing states the mode's rate; the container carries each frame's time.
    av_opt_set(encoder.priv_data, "x264-params", "force-cfr=1", 0);
    encoder.gop_size = std::max(2 * encoder.framerate.num, 2);
    encoder.max_b_frames = 0;
}

void set_ffv1_options(AVCodecContext& encoder) {
    encoder.level = 3;
    encoder.slices = 4;
    encoder.gop_size = 1;
}

void set_colour(AVCodecContext& encoder, const ColourTags& colour) {
    encoder.color_primaries = colour.primaries;
    encoder.color_trc = colour.transfer;
    encoder.colorspace = colour.matrix;
    encoder.color_range = colour.range;
}

}  // namespace

VideoFileSink::VideoFileSink(const SinkOptions& options, const VideoPlan& plan)
    : path_(options.path),
      plan_(plan),
      converter_(plan, options.mode),
      timeline_(plan.ticks_per_second),
      frame_ticks_(std::max<std::int64_t>(plan.ticks_per_second / options.mode.refresh_hz, 1)),
      packet_(av_packet_alloc()) {}

VideoFileSink::~VideoFileSink() {
    (void)finish();
}

os::Result<std::unique_ptr<FrameSink>> VideoFileSink::open(const SinkOptions& options) {
    auto plan = plan_video(options);
    if (!plan) {
        return tl::unexpected(plan.error());
    }
    std::unique_ptr<VideoFileSink> sink(new VideoFileSink(options, *plan));
    if (auto opened = sink->open_encoder(options); !opened) {
        return tl::unexpected(opened.error());
    }
    if (auto opened = sink->open_file(); !opened) {
        return tl::unexpected(opened.error());
    }
    return sink;
}

os::Result<void> VideoFileSink::open_encoder(const SinkOptions& options) {
    const AVCodec* codec = avcodec_find_encoder_by_name(plan_.encoder);
    if (codec == nullptr) {
        return os::fail("open encoder", 0, os::Reaction::fallback,
                        std::string("this libavcodec has no ") + plan_.encoder +
                            "; use --codec ffv1, or .png or .raw");
    }
    encoder_.reset(avcodec_alloc_context3(codec));
    encoder_->width = static_cast<int>(options.mode.width);
    encoder_->height = static_cast<int>(options.mode.height);
    encoder_->pix_fmt = plan_.picture;
    encoder_->time_base = {1, static_cast<int>(plan_.ticks_per_second)};
    encoder_->framerate = {static_cast<int>(options.mode.refresh_hz), 1};
    encoder_->sample_aspect_ratio = {1, 1};
    encoder_->thread_count = 2;
    encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    set_colour(*encoder_, plan_.colour);
    encoder_->chroma_sample_location = AVCHROMA_LOC_CENTER;
    plan_.codec == AV_CODEC_ID_H264 ? set_h264_options(*encoder_) : set_ffv1_options(*encoder_);
    if (const int code = avcodec_open2(encoder_.get(), codec, nullptr); code < 0) {
        return fail_libav("open encoder", code, plan_.encoder);
    }
    return {};
}

os::Result<void> VideoFileSink::open_file() {
    constexpr const char* kOpen = "open video file";
    AVFormatContext* context = nullptr;
    int code = avformat_alloc_output_context2(&context, nullptr, plan_.container, path_.c_str());
    if (code < 0) {
        return fail_libav(kOpen, code, path_);
    }
    file_.reset(context);
    stream_ = avformat_new_stream(context, nullptr);
    avcodec_parameters_from_context(stream_->codecpar, encoder_.get());
    stream_->time_base = encoder_->time_base;
    stream_->avg_frame_rate = encoder_->framerate;
    stream_->r_frame_rate = encoder_->framerate;
    if (code = avio_open(&context->pb, path_.c_str(), AVIO_FLAG_WRITE); code < 0) {
        return fail_libav(kOpen, code, path_);
    }
    AVDictionary* options = nullptr;
    if (plan_.container == std::string_view("matroska")) {
        av_dict_set(&options, "cluster_time_limit", "1000", 0);  // ms that a crash can cost
    }
    context->flags |= AVFMT_FLAG_FLUSH_PACKETS;
    code = avformat_write_header(context, &options);
    av_dict_free(&options);
    if (code < 0) {
        return fail_libav(kOpen, code, path_);
    }
    header_written_ = true;
    return {};
}

os::Result<void> VideoFileSink::push(const host::Frame& frame) {
    auto picture = converter_.convert(frame.view());
    if (!picture) {
        return tl::unexpected(picture.error());
    }
    last_ = frame;
    return encode(*picture, timeline_.place(frame.view().times));
}

os::Result<void> VideoFileSink::encode(AVFrame* picture, std::int64_t tick) {
    if (picture != nullptr) {
        picture->pts = tick;
        picture->pict_type = AV_PICTURE_TYPE_NONE;
    }
    const int code = avcodec_send_frame(encoder_.get(), picture);
    if (code < 0) {
        return fail_libav(kWrite, code, path_);
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
            return fail_libav(kWrite, code, path_);
        }
        packet_->duration = frame_ticks_;
        packet_->stream_index = stream_->index;
        av_packet_rescale_ts(packet_.get(), encoder_->time_base, stream_->time_base);
        code = av_write_frame(file_.get(), packet_.get());
        av_packet_unref(packet_.get());
        if (code >= 0) {
            code = file_->pb->error;
        }
        if (code < 0) {
            return fail_libav(kWrite, code, path_);
        }
    }
}

os::Result<void> VideoFileSink::close(std::int64_t end_ns) {
    // Players end with the last picture, whatever the container says about its length; one that
    // stood still is therefore written once more, a frame before the end.
    os::Result<void> repeated;
    const std::int64_t tick = timeline_.place_end(end_ns, frame_ticks_);
    if (!finished_ && last_ && tick >= 0) {
        if (auto picture = converter_.convert(last_.view()); picture) {
            repeated = encode(*picture, tick);
        }
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
    auto drained = encode(nullptr, 0);
    int code = av_write_trailer(file_.get());  // also frees what the muxer holds
    const int closed = avio_closep(&file_->pb);
    if (!drained) {
        return drained;
    }
    code = code < 0 ? code : closed;
    if (code < 0) {
        return fail_libav(kWrite, code, path_);
    }
    return {};
}

}  // namespace pf::sinks
