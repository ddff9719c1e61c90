#include "frame_converter.hpp"

#include <algorithm>

#include "bgra_to_yuv420.hpp"

namespace pf::sinks {
namespace {

// A frame with buffers of its own that nobody else reads now: an encoder may still hold the
// previous picture, then this one gets new buffers.
os::Result<void> prepare(AvFramePtr& frame, int width, int height, AVPixelFormat format) {
    const bool fits =
        frame && frame->width == width && frame->height == height && frame->format == format;
    if (!fits) {
        frame.reset(av_frame_alloc());
        frame->width = width;
        frame->height = height;
        frame->format = format;
    }
    const int code =
        fits ? av_frame_make_writable(frame.get()) : av_frame_get_buffer(frame.get(), 0);
    if (code < 0) {
        frame.reset();
        return fail_libav("convert frame", code, "picture buffer");
    }
    return {};
}

void tag(AVFrame& frame, const ColourTags& colour) {
    frame.color_range = colour.range;
    frame.colorspace = colour.matrix;
    frame.color_primaries = colour.primaries;
    frame.color_trc = colour.transfer;
}

struct RowBand {
    std::uint32_t first, end;  // even
};

// The smallest band of whole pairs of rows that holds the damage.
RowBand changed_rows(const host::FrameView& view) {
    if (view.full_damage) {
        return {0, view.height};
    }
    RowBand band{view.height, 0};
    for (const proto::DamageRect& rect : view.damage) {
        const std::uint32_t first = std::min(rect.y, view.height);
        band.first = std::min(band.first, first & ~1U);
        band.end = std::max(band.end, first + std::min(rect.height, view.height - first));
    }
    band.end = std::min(view.height, (band.end + 1) & ~1U);
    return band.first < band.end ? band : RowBand{0, 0};
}

}  // namespace

os::Result<AVFrame*> FrameConverter::wrap(const host::FrameView& view) {
    if (!wrapped_) {
        wrapped_.reset(av_frame_alloc());
    }
    wrapped_->width = static_cast<int>(view.width);
    wrapped_->height = static_cast<int>(view.height);
    wrapped_->format = AV_PIX_FMT_BGR0;  // X and Windows leave anything in the alpha byte
    // libav takes pointers to writable pixels everywhere; the scaler and the encoders only read.
    wrapped_->data[0] =
        const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(view.pixels));
    wrapped_->linesize[0] = static_cast<int>(view.pitch_bytes);
    return wrapped_.get();
}

os::Result<AVFrame*> FrameConverter::unpack(const host::FrameView& view) {
    if (auto ready = prepare(unpacked_, static_cast<int>(view.width), static_cast<int>(view.height),
                             AV_PIX_FMT_GBRP10);
        !ready) {
        return tl::unexpected(ready.error());
    }
    Planes10 planes;
    for (std::size_t i = 0; i < 3; ++i) {
        planes.gbr[i] = reinterpret_cast<std::uint16_t*>(unpacked_->data[i]);
        planes.pitch_words[i] = static_cast<std::size_t>(unpacked_->linesize[i]) / 2;
    }
    if (view.format == host::PixelFormat::rgb10a2) {
        unpack_rgb10a2(view, planes);
        return unpacked_.get();
    }
    if (!scrgb_) {
        scrgb_ = std::make_unique<ScrgbToPq>();
    }
    scrgb_->convert(view, planes);
    return unpacked_.get();
}

os::Result<AVFrame*> FrameConverter::scale(const AVFrame& from) {
    const int width = static_cast<int>(mode_.width), height = static_cast<int>(mode_.height);
    if (auto ready = prepare(picture_, width, height, plan_.picture); !ready) {
        return tl::unexpected(ready.error());
    }
    if (!scaler_ || scaler_width_ != from.width || scaler_height_ != from.height ||
        scaler_format_ != from.format) {
        scaler_.reset(sws_getContext(from.width, from.height,
                                     static_cast<AVPixelFormat>(from.format), width, height,
                                     plan_.picture, SWS_BILINEAR, nullptr, nullptr, nullptr));
        if (!scaler_) {
            return os::fail("convert frame", 0, os::Reaction::reject, "no such conversion");
        }
        // swscale assumes BT.601 unless told.
        const int* matrix = sws_getCoefficients(
            plan_.colour.matrix == AVCOL_SPC_BT2020_NCL ? SWS_CS_BT2020 : SWS_CS_ITU709);
        sws_setColorspaceDetails(scaler_.get(), matrix, 1, matrix,
                                 plan_.colour.range == AVCOL_RANGE_JPEG, 0, 1 << 16, 1 << 16);
        scaler_width_ = from.width;
        scaler_height_ = from.height;
        scaler_format_ = from.format;
    }
    const int rows = sws_scale(scaler_.get(), from.data, from.linesize, 0, from.height,
                               picture_->data, picture_->linesize);
    if (rows < 0) {
        return fail_libav("convert frame", rows, "scaler");
    }
    return picture_.get();
}

os::Result<AVFrame*> FrameConverter::convert_changed(const host::FrameView& view) {
    const AVFrame* before = picture_.get();
    if (auto ready = prepare(picture_, static_cast<int>(view.width), static_cast<int>(view.height),
                             plan_.picture);
        !ready) {
        has_content_ = false;
        return tl::unexpected(ready.error());
    }
    // The damage is against the frame taken before this one. That one is in the picture only when
    // no number is missing between the two: a caller may push some frames and not others.
    const bool follows = has_content_ && before == picture_.get() &&
                         view.generation == content_generation_ && view.seq == content_seq_ + 1;
    const RowBand rows = follows ? changed_rows(view) : RowBand{0, view.height};
    Planes420 planes;
    for (std::size_t i = 0; i < 3; ++i) {
        planes.yuv[i] = picture_->data[i];
        planes.pitch_bytes[i] = static_cast<std::size_t>(picture_->linesize[i]);
    }
    bgra_to_yuv420(view, rows.first, rows.end, planes);
    has_content_ = true;
    content_generation_ = view.generation;
    content_seq_ = view.seq;
    return picture_.get();
}

os::Result<AVFrame*> FrameConverter::convert(const host::FrameView& view) {
    const bool of_the_size = view.width == mode_.width && view.height == mode_.height;
    if (of_the_size && view.format == host::PixelFormat::bgra8 &&
        plan_.picture == AV_PIX_FMT_YUV420P) {
        auto picture = convert_changed(view);
        if (picture) {
            tag(**picture, plan_.colour);
        }
        return picture;
    }
    has_content_ = false;
    auto source = view.format == host::PixelFormat::bgra8 ? wrap(view) : unpack(view);
    if (!source) {
        return source;
    }
    AVFrame* frame = *source;
    const bool as_it_is = frame->format == plan_.picture &&
                          frame->width == static_cast<int>(mode_.width) &&
                          frame->height == static_cast<int>(mode_.height);
    auto result = as_it_is ? source : scale(*frame);
    if (result) {
        tag(**result, plan_.colour);
    }
    return result;
}

}  // namespace pf::sinks
