#include "video_plan.hpp"

namespace pf::sinks {
namespace {

constexpr ColourTags kSdrYuv{AVCOL_PRI_BT709, AVCOL_TRC_BT709, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG};
constexpr ColourTags kSdrRgb{AVCOL_PRI_BT709, AVCOL_TRC_IEC61966_2_1, AVCOL_SPC_RGB,
                             AVCOL_RANGE_JPEG};
constexpr ColourTags kHdrYuv{AVCOL_PRI_BT2020, AVCOL_TRC_SMPTE2084, AVCOL_SPC_BT2020_NCL,
                             AVCOL_RANGE_MPEG};
constexpr ColourTags kHdrRgb{AVCOL_PRI_BT2020, AVCOL_TRC_SMPTE2084, AVCOL_SPC_RGB,
                             AVCOL_RANGE_JPEG};

AVPixelFormat h264_picture(Chroma chroma, bool hdr) {
    if (hdr) {
        return chroma == Chroma::yuv444 ? AV_PIX_FMT_YUV444P10 : AV_PIX_FMT_YUV420P10;
    }
    return chroma == Chroma::yuv444 ? AV_PIX_FMT_YUV444P : AV_PIX_FMT_YUV420P;
}

}  // namespace

os::Result<VideoPlan> plan_video(const SinkOptions& options) {
    const bool hdr = options.format != host::PixelFormat::bgra8;
    const bool mp4 = kind_of(options) == SinkKind::mp4;
    VideoPlan plan{};
    plan.hdr = hdr;
    plan.container = mp4 ? "mp4" : "matroska";
    plan.size = {options.mode.width, options.mode.height};
    plan.ticks_per_second = mp4 ? 90'000 : 1000;  // Matroska counts milliseconds
    if (options.codec.value_or(VideoCodec::h264) == VideoCodec::h264) {
        plan.codec = AV_CODEC_ID_H264;
        plan.encoder = "libx264";
        plan.picture = h264_picture(options.chroma, hdr);
        if (options.chroma == Chroma::yuv420) {
            plan.size = even_size(plan.size);  // chroma is stored for pairs of pixels
        }
        plan.colour = hdr ? kHdrYuv : kSdrYuv;
        return plan;
    }
    if (mp4) {
        return os::fail(
            "open video file", 0, os::Reaction::reject,
            options.path + ": ffv1 needs Matroska; name the file .mkv, or give --container mkv");
    }
    plan.codec = AV_CODEC_ID_FFV1;
    plan.encoder = "ffv1";
    plan.every_picture_is_key = true;
    plan.picture = hdr ? AV_PIX_FMT_GBRP10 : AV_PIX_FMT_BGR0;
    plan.colour = hdr ? kHdrRgb : kSdrRgb;
    return plan;
}

}  // namespace pf::sinks
