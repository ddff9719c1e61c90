// Turns a leased frame into the picture that an encoder takes: unpacks deep colour, converts to
// YUV where asked, repeats the edge up to an even size, scales a frame whose size is not the
// video's into the middle. Not thread-safe.
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
    os::Result<AVFrame*> pad(const AVFrame& from);             // up to the pictures' size
    os::Result<AVFrame*> scale(const AVFrame& from);
    os::Result<void> prepare_scaler(const AVFrame& from, PictureSize place);
    // From 8 bits straight to 4:2:0, and only the rows that changed since the frame before.
    // `source` has the pictures' size.
    os::Result<AVFrame*> convert_changed(const host::FrameView& view, const AVFrame& source);
    os::Result<AVFrame*> convert_untagged(const host::FrameView& view);

    VideoPlan plan_;
    host::Mode mode_;
    AvFramePtr wrapped_;
    AvFramePtr unpacked_;
    AvFramePtr padded_;
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
