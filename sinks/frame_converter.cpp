#include "frame_converter.hpp"

#include <algorithm>

#include "bgra_to_yuv420.hpp"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

namespace pf::sinks {
namespace {

constexpr const char* kConvert = "convert frame";

// A frame with buffers of its own that nobody else reads now: an encoder may still hold the
// previous picture, then this one gets new buffers.
os::Result<void> prepare(AvFramePtr& frame, int width, int height, AVPixelFormat format) {
    const bool fits =
        frame && frame->width == width && frame->height == height && frame->format == format;
    if (!fits) {
        frame.reset(av_frame_alloc());
        if (!frame) {
            return fail_memory(kConvert, "picture");
        }
        frame->width = width;
        frame->height = height;
        frame->format = format;
    }
    const int code =
        fits ? av_frame_make_writable(frame.get()) : av_frame_get_buffer(frame.get(), 0);
    if (code < 0) {
        frame.reset();
        return fail_libav(kConvert, code, "picture buffer");
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

// Where the pixel of a place lies in each plane.
std::array<std::uint8_t*, 4> planes_at(const AVFrame& frame, const PictureRect& place) {
    const auto* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
    std::array<std::uint8_t*, 4> planes{};
    for (int i = 0; i < format->nb_components; ++i) {
        const AVComponentDescriptor& part = format->comp[i];
        const auto index = static_cast<std::size_t>(part.plane);
        const bool chroma = part.plane == 1 || part.plane == 2;
        const auto x = static_cast<int>(place.x) >> (chroma ? format->log2_chroma_w : 0);
        const auto y = static_cast<int>(place.y) >> (chroma ? format->log2_chroma_h : 0);
        planes[index] = frame.data[index] + std::ptrdiff_t{y} * frame.linesize[index] +
                        std::ptrdiff_t{x} * part.step;
    }
    return planes;
}

PictureSize size_of(const AVFrame& frame) {
    return {static_cast<std::uint32_t>(frame.width), static_cast<std::uint32_t>(frame.height)};
}

void make_black(AVFrame& frame) {
    std::ptrdiff_t pitches[4];
    std::copy_n(frame.linesize, 4, pitches);
    av_image_fill_black(frame.data, pitches, static_cast<AVPixelFormat>(frame.format),
                        frame.color_range, frame.width, frame.height);
}

// The smallest band of whole pairs of rows, of `height` which is even, that holds the damage.
RowBand changed_rows(const host::FrameView& view, std::uint32_t height) {
    if (view.full_damage) {
        return {0, height};
    }
    RowBand band{height, 0};
    for (const proto::DamageRect& rect : view.damage) {
        const std::uint32_t first = std::min(rect.y, view.height);
        band.first = std::min(band.first, first & ~1U);
        band.end = std::max(band.end, first + std::min(rect.height, view.height - first));
    }
    band.end = std::min(height, (band.end + 1) & ~1U);
    return band.first < band.end ? band : RowBand{0, 0};
}

}  // namespace

os::Result<AVFrame*> FrameConverter::wrap(const host::FrameView& view) {
    if (!wrapped_) {
        wrapped_.reset(av_frame_alloc());
    }
    if (!wrapped_) {
        return fail_memory(kConvert, "picture");
    }
    wrapped_->width = static_cast<int>(view.width);
    wrapped_->height = static_cast<int>(view.height);
    wrapped_->format = AV_PIX_FMT_BGR0;  // X and Windows leave anything in the alpha byte
    // libav takes pointers to writable pixels everywhere; the scaler and the encoders only read.
    wrapped_->data[0] =
        const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(view.pixels()));
    wrapped_->linesize[0] = static_cast<int>(view.pitch_bytes());
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

os::Result<AVFrame*> FrameConverter::pad(const AVFrame& from) {
    const PictureSize size = plan_.size;
    const auto format = static_cast<AVPixelFormat>(from.format);
    if (auto ready =
            prepare(padded_, static_cast<int>(size.width), static_cast<int>(size.height), format);
        !ready) {
        return tl::unexpected(ready.error());
    }
    const auto* parts = av_pix_fmt_desc_get(format);
    for (int i = 0; i < av_pix_fmt_count_planes(format); ++i) {
        const auto pitch = static_cast<std::size_t>(from.linesize[i]);
        repeat_edge({reinterpret_cast<const std::byte*>(from.data[i]), pitch, size_of(from)},
                    static_cast<std::size_t>(parts->comp[i].step),
                    reinterpret_cast<std::byte*>(padded_->data[i]),
                    static_cast<std::size_t>(padded_->linesize[i]), size);
    }
    return padded_.get();
}

os::Result<void> FrameConverter::prepare_scaler(const AVFrame& from, PictureSize place) {
    if (scaler_ && scaler_width_ == from.width && scaler_height_ == from.height &&
        scaler_format_ == from.format) {
        return {};
    }
    scaler_.reset(sws_getContext(from.width, from.height, static_cast<AVPixelFormat>(from.format),
                                 static_cast<int>(place.width), static_cast<int>(place.height),
                                 plan_.picture, SWS_BILINEAR, nullptr, nullptr, nullptr));
    if (!scaler_) {
        return os::fail(kConvert, 0, os::Reaction::reject, "no such conversion");
    }
    // swscale assumes BT.601 unless told.
    const int* matrix = sws_getCoefficients(
        plan_.colour.matrix == AVCOL_SPC_BT2020_NCL ? SWS_CS_BT2020 : SWS_CS_ITU709);
    sws_setColorspaceDetails(scaler_.get(), matrix, 1, matrix,
                             plan_.colour.range == AVCOL_RANGE_JPEG, 0, 1 << 16, 1 << 16);
    scaler_width_ = from.width;
    scaler_height_ = from.height;
    scaler_format_ = from.format;
    return {};
}

os::Result<AVFrame*> FrameConverter::scale(const AVFrame& from) {
    const PictureSize size = plan_.size;
    if (auto ready = prepare(picture_, static_cast<int>(size.width), static_cast<int>(size.height),
                             plan_.picture);
        !ready) {
        return tl::unexpected(ready.error());
    }
    const PictureRect place = fit_into(size_of(from), size);
    if (auto ready = prepare_scaler(from, {place.width, place.height}); !ready) {
        return tl::unexpected(ready.error());
    }
    if (place != PictureRect{0, 0, size.width, size.height}) {
        picture_->color_range = plan_.colour.range;
        make_black(*picture_);
    }
    const auto planes = planes_at(*picture_, place);
    const int rows = sws_scale(scaler_.get(), from.data, from.linesize, 0, from.height,
                               planes.data(), picture_->linesize);
    if (rows < 0) {
        return fail_libav(kConvert, rows, "scaler");
    }
    return picture_.get();
}

os::Result<AVFrame*> FrameConverter::convert_changed(const host::FrameView& view,
                                                     const AVFrame& source) {
    const AVFrame* before = picture_.get();
    if (auto ready = prepare(picture_, source.width, source.height, plan_.picture); !ready) {
        has_content_ = false;
        return tl::unexpected(ready.error());
    }
    // The damage is against the frame taken before this one. That one is in the picture only when
    // no number is missing between the two: a caller may push some frames and not others.
    const bool follows = has_content_ && before == picture_.get() &&
                         view.generation == content_generation_ && view.seq == content_seq_ + 1;
    const auto height = static_cast<std::uint32_t>(source.height);
    const RowBand rows = follows ? changed_rows(view, height) : RowBand{0, height};
    Planes420 planes;
    for (std::size_t i = 0; i < 3; ++i) {
        planes.yuv[i] = picture_->data[i];
        planes.pitch_bytes[i] = static_cast<std::size_t>(picture_->linesize[i]);
    }
    host::FrameView pixels = view;
    const auto pitch_bytes = static_cast<std::uint32_t>(source.linesize[0]);
    pixels.content = host::FrameMemory{.bytes = {reinterpret_cast<const std::byte*>(source.data[0]),
                                                 std::size_t{pitch_bytes} * height},
                                       .pitch_bytes = pitch_bytes};
    pixels.width = static_cast<std::uint32_t>(source.width);
    pixels.height = height;
    bgra_to_yuv420(pixels, rows.first, rows.end, planes);
    has_content_ = true;
    content_generation_ = view.generation;
    content_seq_ = view.seq;
    return picture_.get();
}

os::Result<AVFrame*> FrameConverter::convert_untagged(const host::FrameView& view) {
    auto source = view.format == host::PixelFormat::bgra8 ? wrap(view) : unpack(view);
    const bool of_the_size = view.width == mode_.width && view.height == mode_.height;
    if (source && of_the_size && size_of(**source) != plan_.size) {
        source = pad(**source);
    }
    if (!source) {
        return source;
    }
    const AVFrame& pixels = **source;
    if (of_the_size && pixels.format == AV_PIX_FMT_BGR0 && plan_.picture == AV_PIX_FMT_YUV420P) {
        return convert_changed(view, pixels);
    }
    has_content_ = false;
    return of_the_size && pixels.format == plan_.picture ? source : scale(pixels);
}

os::Result<AVFrame*> FrameConverter::convert(const host::FrameView& view) {
    auto picture = convert_untagged(view);
    if (picture) {
        tag(**picture, plan_.colour);
    }
    return picture;
}

}  // namespace pf::sinks
