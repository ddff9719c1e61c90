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

// 4:2:0 stores chroma for pairs of pixels, and H.264 crops in pairs: an odd size needs 4:4:4.
AVPixelFormat h264_picture(const host::Mode& mode, bool hdr) {
    const bool odd = mode.width % 2 != 0 || mode.height % 2 != 0;
    if (hdr) {
        return odd ? AV_PIX_FMT_YUV444P10 : AV_PIX_FMT_YUV420P10;
    }
    return odd ? AV_PIX_FMT_YUV444P : AV_PIX_FMT_YUV420P;
}

}  // namespace

os::Result<VideoPlan> plan_video(const SinkOptions& options) {
    const bool hdr = options.format != host::PixelFormat::bgra8;
    const bool mp4 = kind_of_path(options.path) == SinkKind::mp4;
    VideoPlan plan{};
    plan.container = mp4 ? "mp4" : "matroska";
    plan.ticks_per_second = mp4 ? 90'000 : 1000;  // Matroska counts milliseconds
    if (options.codec.value_or(VideoCodec::h264) == VideoCodec::h264) {
        plan.codec = AV_CODEC_ID_H264;
        plan.encoder = "libx264";
        plan.picture = h264_picture(options.mode, hdr);
        plan.colour = hdr ? kHdrYuv : kSdrYuv;
        return plan;
    }
    if (mp4) {
        return os::fail("open video file", 0, os::Reaction::reject,
                        options.path + ": ffv1 needs Matroska; name the file .mkv");
    }
    plan.codec = AV_CODEC_ID_FFV1;
    plan.encoder = "ffv1";
    plan.picture = hdr ? AV_PIX_FMT_GBRP10 : AV_PIX_FMT_BGR0;
    plan.colour = hdr ? kHdrRgb : kSdrRgb;
    return plan;
}

}  // namespace pf::sinks
