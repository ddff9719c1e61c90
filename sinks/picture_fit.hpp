// Where a picture goes that has another size than the one it has to fill. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include <pf/host/frame.hpp>

namespace pf::sinks {

struct PictureSize {
    std::uint32_t width, height;  // pixels
    friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

struct PictureRect {
    std::uint32_t x, y, width, height;  // pixels
    friend bool operator==(const PictureRect&, const PictureRect&) = default;
};

// The largest centred place within `to` that has the shape of `from`. All of it is even wherever
// `to` has room for that, as the planes of 4:2:0 ask.
PictureRect fit_into(PictureSize from, PictureSize to);

// The smallest even size that holds `size`.
constexpr PictureSize even_size(PictureSize size) {
    return {size.width + size.width % 2, size.height + size.height % 2};
}

// One plane of pixels of `bytes` each: copied, and its last column and row repeated up to `to`.
struct PlaneView {
    const std::byte* pixels;
    std::size_t pitch_bytes;
    PictureSize size;
};
void repeat_edge(const PlaneView& from, std::size_t bytes, std::byte* out,
                 std::size_t out_pitch_bytes, PictureSize to);

// Tight rows of the size `to`: the view scaled into its place by its nearest pixels, 0 around it.
void scale_nearest(const host::FrameView& view, std::size_t bytes, std::byte* out, PictureSize to);

}  // namespace pf::sinks
