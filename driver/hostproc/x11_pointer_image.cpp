#include "x11_pointer_image.hpp"

#include <algorithm>
#include <cstring>

namespace pf::hostproc {
namespace {

// The "over" operator on premultiplied 8-bit channels, two channels at a time; rounds to nearest.
std::uint32_t over(std::uint32_t source, std::uint32_t below) {
    const std::uint32_t keep = 255 - (source >> 24);
    const auto scale = [keep](std::uint32_t pair) {
        const std::uint32_t product = pair * keep + 0x00800080U;
        return ((product + ((product >> 8) & 0x00FF00FFU)) >> 8) & 0x00FF00FFU;
    };
    const std::uint32_t odd = scale((below >> 8) & 0x00FF00FFU) << 8;
    return source + (odd | scale(below & 0x00FF00FFU));
}

}  // namespace

bool PointerImage::empty() const {
    return std::all_of(pixels.begin(), pixels.end(), [](std::uint32_t p) { return p == 0; });
}

void PointerImage::limit(std::uint32_t most) {
    const std::uint32_t w = std::min(width, most);
    const std::uint32_t h = std::min(height, most);
    if (w == width && h == height) {
        return;
    }
    for (std::uint32_t y = 0; y < h; ++y) {
        std::copy_n(pixels.begin() + std::ptrdiff_t{y} * width, w,
                    pixels.begin() + std::ptrdiff_t{y} * w);
    }
    pixels.resize(std::size_t{w} * h);
    width = w;
    height = h;
    hot_x = std::min(hot_x, w);
    hot_y = std::min(hot_y, h);
}

X11Area pointer_area(const PointerImage& image, std::int32_t x, std::int32_t y) {
    return {x - static_cast<std::int32_t>(image.hot_x), y - static_cast<std::int32_t>(image.hot_y),
            image.width, image.height};
}

void blend_pointer(std::span<std::byte> frame, std::uint32_t pitch_bytes, std::uint32_t width,
                   core::DamageRegion::Rows rows, const PointerImage& image, std::int32_t left,
                   std::int32_t top) {
    const std::int64_t first_y = std::max<std::int64_t>(rows.first, top);
    const std::int64_t end_y = std::min<std::int64_t>(rows.end, std::int64_t{top} + image.height);
    const std::int64_t first_x = std::max<std::int64_t>(0, left);
    const std::int64_t end_x = std::min<std::int64_t>(width, std::int64_t{left} + image.width);
    for (std::int64_t y = first_y; y < end_y; ++y) {
        std::byte* row = frame.data() + y * pitch_bytes;
        const std::uint32_t* source = image.pixels.data() + (y - top) * image.width;
        for (std::int64_t x = first_x; x < end_x; ++x) {
            std::uint32_t below;
            std::memcpy(&below, row + x * 4, 4);
            const std::uint32_t mixed = over(source[x - left], below);
            std::memcpy(row + x * 4, &mixed, 4);
        }
    }
}

}  // namespace pf::hostproc
