#include "picture_fit.hpp"

#include <algorithm>
#include <cstring>

namespace pf::sinks {
namespace {

// `length` times `to` / `from`, even unless only one pixel is there.
std::uint32_t scaled(std::uint32_t length, std::uint32_t to, std::uint32_t from,
                     std::uint32_t limit) {
    const auto exact = static_cast<std::uint32_t>(std::uint64_t{length} * to / from);
    return std::clamp(exact & ~1U, std::min(2U, limit), limit);
}

}  // namespace

PictureRect fit_into(PictureSize from, PictureSize to) {
    PictureRect rect{0, 0, to.width, to.height};
    const std::uint64_t wide = std::uint64_t{from.width} * to.height;
    const std::uint64_t tall = std::uint64_t{to.width} * from.height;
    if (wide > tall) {
        rect.height = scaled(from.height, to.width, from.width, to.height);
    } else if (wide < tall) {
        rect.width = scaled(from.width, to.height, from.height, to.width);
    }
    rect.x = (to.width - rect.width) / 2 & ~1U;
    rect.y = (to.height - rect.height) / 2 & ~1U;
    return rect;
}

void repeat_edge(const PlaneView& from, std::size_t bytes, std::byte* out,
                 std::size_t out_pitch_bytes, PictureSize to) {
    const std::size_t row_bytes = from.size.width * bytes;
    for (std::size_t y = 0; y < to.height; ++y) {
        const std::size_t source = std::min<std::size_t>(y, from.size.height - 1);
        std::byte* row = out + y * out_pitch_bytes;
        std::memcpy(row, from.pixels + source * from.pitch_bytes, row_bytes);
        for (std::size_t x = from.size.width; x < to.width; ++x) {
            std::memcpy(row + x * bytes, row + row_bytes - bytes, bytes);
        }
    }
}

void scale_nearest(const host::FrameView& view, std::size_t bytes, std::byte* out, PictureSize to) {
    const PictureRect place = fit_into({view.width, view.height}, to);
    const std::size_t out_pitch = to.width * bytes;
    std::memset(out, 0, out_pitch * to.height);
    for (std::uint64_t y = 0; y < place.height; ++y) {
        const std::byte* from = view.pixels() + y * view.height / place.height * view.pitch_bytes();
        std::byte* row = out + (place.y + y) * out_pitch + place.x * bytes;
        for (std::uint64_t x = 0; x < place.width; ++x) {
            std::memcpy(row + x * bytes, from + x * view.width / place.width * bytes, bytes);
        }
    }
}

}  // namespace pf::sinks
