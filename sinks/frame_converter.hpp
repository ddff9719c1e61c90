// Turns a leased frame into the picture that an encoder takes: unpacks deep colour, converts to
// YUV where asked, scales a frame whose size is not the video's. Not thread-safe.
#pragma once

#include <memory>

#include "hdr_planes.hpp"
#include "video_plan.hpp"

namespace pf::sinks {

class FrameConverter {
public:
    FrameConverter(const VideoPlan& plan, const host::Mode& mode) : plan_(plan), mode_(mode) {}

    // The picture is the converter's and holds until the next call.
    os::Result<AVFrame*> convert(const host::FrameView& view);

private:
    os::Result<AVFrame*> wrap(const host::FrameView& view);    // as it is, no copy
    os::Result<AVFrame*> unpack(const host::FrameView& view);  // into deep planes
    os::Result<AVFrame*> scale(const AVFrame& from);
    // Straight to 4:2:0, and only the rows that changed since the frame before.
    os::Result<AVFrame*> convert_changed(const host::FrameView& view);

    VideoPlan plan_;
    host::Mode mode_;
    AvFramePtr wrapped_;
    AvFramePtr unpacked_;
    AvFramePtr picture_;
    ScalerPtr scaler_;
    int scaler_width_ = 0, scaler_height_ = 0, scaler_format_ = AV_PIX_FMT_NONE;
    std::unique_ptr<ScrgbToPq> scrgb_;
    // The frame whose content picture_ has; only convert_changed() keeps it so.
    bool has_content_ = false;
    std::uint32_t content_generation_ = 0;
    std::uint32_t content_seq_ = 0;
};

}  // namespace pf::sinks
