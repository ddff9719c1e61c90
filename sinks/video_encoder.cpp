#include "video_encoder.hpp"

#include "hdr_light.hpp"

extern "C" {
#include <libavcodec/bsf.h>
#include <libavutil/opt.h>
}

namespace pf::sinks {
namespace {

constexpr const char* kOpen = "open encoder";
constexpr int kNoKeyByCount = 1 << 30;  // x264's "infinite": KeyFramePace says when

struct BsfDelete {
    void operator()(AVBSFContext* filter) const { av_bsf_free(&filter); }
};
using BsfPtr = std::unique_ptr<AVBSFContext, BsfDelete>;

void set_h264_options(AVCodecContext& encoder, const VideoPlan& plan, const SinkOptions& options) {
    // Fast enough for 1080p60 beside a game; no look-ahead, so a killed process loses no frames.
    av_opt_set(encoder.priv_data, "preset", "ultrafast", 0);
    av_opt_set(encoder.priv_data, "tune", "zerolatency", 0);
    av_opt_set(encoder.priv_data, "crf", "18", 0);
    av_opt_set(encoder.priv_data, "forced-idr", "1", 0);
    // The tune promises a fixed rate, which this takes back.
    std::string more = "force-cfr=0";
    if (plan.hdr) {
        more.append(":").append(x264_light(options.light));
    }
    av_opt_set(encoder.priv_data, "x264-params", more.c_str(), 0);
    encoder.gop_size = kNoKeyByCount;
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

// In lowest terms: 59.94 Hz are 2997 frames in 50 s.
AVRational frame_rate(const host::Mode& mode) {
    AVRational rate{};
    av_reduce(&rate.num, &rate.den, mode.millihertz(), 1000, 1'000'000);
    return rate;
}

// x264 states the container's ticks as the rate when frames come as they like. This makes it the
// mode's, still as a nominal one: ITU-T H.264 (E.2.1), two ticks a frame, fixed_frame_rate_flag 0.
os::Result<void> name_rate(AVCodecParameters& stream, AVRational rate) {
    const AVBitStreamFilter* kind = av_bsf_get_by_name("h264_metadata");
    AVBSFContext* context = nullptr;
    if (kind == nullptr || av_bsf_alloc(kind, &context) < 0) {
        return os::fail(kOpen, 0, os::Reaction::fallback,
                        "this libavcodec has no filter h264_metadata; use --codec ffv1");
    }
    const BsfPtr filter(context);
    int code = avcodec_parameters_copy(context->par_in, &stream);
    if (code >= 0) {
        code = av_opt_set_q(context->priv_data, "tick_rate", av_mul_q(rate, {2, 1}), 0);
    }
    if (code >= 0) {
        code = av_bsf_init(context);
    }
    if (code >= 0) {
        code = avcodec_parameters_copy(&stream, context->par_out);
    }
    return code < 0 ? os::Result<void>(fail_libav(kOpen, code, "h264_metadata"))
                    : os::Result<void>();
}

}  // namespace

os::Result<CodecPtr> open_video_encoder(const VideoPlan& plan, const SinkOptions& options) {
    const AVCodec* codec = avcodec_find_encoder_by_name(plan.encoder);
    if (codec == nullptr) {
        return os::fail(kOpen, 0, os::Reaction::fallback,
                        options.path + ": this libavcodec has no " + plan.encoder +
                            "; use --codec ffv1, or .png or .raw");
    }
    CodecPtr encoder(avcodec_alloc_context3(codec));
    if (!encoder) {
        return fail_memory(kOpen, plan.encoder);
    }
    encoder->width = static_cast<int>(plan.size.width);
    encoder->height = static_cast<int>(plan.size.height);
    encoder->pix_fmt = plan.picture;
    encoder->time_base = {1, static_cast<int>(plan.ticks_per_second)};
    encoder->framerate = frame_rate(options.mode);
    encoder->sample_aspect_ratio = {1, 1};
    encoder->thread_count = 2;
    encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    set_colour(*encoder, plan.colour);
    encoder->chroma_sample_location = AVCHROMA_LOC_CENTER;
    plan.codec == AV_CODEC_ID_H264 ? set_h264_options(*encoder, plan, options)
                                   : set_ffv1_options(*encoder);
    if (const int code = avcodec_open2(encoder.get(), codec, nullptr); code < 0) {
        return fail_libav(
            kOpen, code,
            options.path + ": " + plan.encoder + " does not take " + host::to_string(options.mode));
    }
    return encoder;
}

os::Result<void> describe_stream(AVStream& stream, const AVCodecContext& encoder,
                                 const VideoPlan& plan, const SinkOptions& options) {
    stream.time_base = encoder.time_base;
    if (const int code = avcodec_parameters_from_context(stream.codecpar, &encoder); code < 0) {
        return fail_libav(kOpen, code, options.path);
    }
    if (plan.codec == AV_CODEC_ID_H264) {
        if (auto named = name_rate(*stream.codecpar, frame_rate(options.mode)); !named) {
            return named;
        }
    }
    return plan.hdr ? add_light(stream, options.light) : os::Result<void>();
}

}  // namespace pf::sinks
