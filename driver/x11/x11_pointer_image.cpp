#include "x11_pointer_image.hpp"

#include <algorithm>
#include <cstring>

namespace pf::driver {
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

// The same over 10 bits a channel, red in the low ones.
std::uint32_t over_rgb10a2(std::uint32_t source, std::uint32_t below) {
    const std::uint32_t keep = 255 - (source >> 24);
    const auto channel = [&](unsigned source_shift, unsigned below_shift) {
        const std::uint32_t mixed =
            ((source >> source_shift & 0xFF) * 1023 + (below >> below_shift & 0x3FF) * keep + 127) /
            255;
        return std::min<std::uint32_t>(mixed, 0x3FF) << below_shift;
    };
    return 0xC0000000U | channel(0, 20) | channel(8, 10) | channel(16, 0);
}

// The mean of a box of an image, [left, right) x [top, bottom), not empty.
std::uint32_t mean(const PointerImage& image, std::uint32_t left, std::uint32_t top,
                   std::uint32_t right, std::uint32_t bottom) {
    std::uint64_t sums[4] = {};
    for (std::uint32_t y = top; y < bottom; ++y) {
        for (std::uint32_t x = left; x < right; ++x) {
            const std::uint32_t pixel = image.pixels[std::size_t{y} * image.width + x];
            for (unsigned i = 0; i < 4; ++i) {
                sums[i] += pixel >> i * 8 & 0xFF;
            }
        }
    }
    const std::uint64_t count = std::uint64_t{right - left} * (bottom - top);
    std::uint32_t pixel = 0;
    for (unsigned i = 0; i < 4; ++i) {
        pixel |= static_cast<std::uint32_t>((sums[i] + count / 2) / count) << i * 8;
    }
    return pixel;
}

}  // namespace

bool PointerImage::empty() const {
    return std::all_of(pixels.begin(), pixels.end(), [](std::uint32_t p) { return p == 0; });
}

PointerImage PointerImage::fitted(std::uint32_t most) const {
    const std::uint32_t longest = std::max(width, height);
    if (longest <= most) {
        return *this;
    }
    const auto scaled = [&](std::uint64_t length) {
        return static_cast<std::uint32_t>(length * most / longest);
    };
    PointerImage small;
    small.width = std::max(scaled(width), 1U);
    small.height = std::max(scaled(height), 1U);
    small.hot_x = std::min(scaled(hot_x), small.width);
    small.hot_y = std::min(scaled(hot_y), small.height);
    small.pixels.reserve(std::size_t{small.width} * small.height);
    for (std::uint32_t y = 0; y < small.height; ++y) {
        const auto row = [&](std::uint64_t n) {
            return static_cast<std::uint32_t>(n * height / small.height);
        };
        for (std::uint32_t x = 0; x < small.width; ++x) {
            const auto column = [&](std::uint64_t n) {
                return static_cast<std::uint32_t>(n * width / small.width);
            };
            small.pixels.push_back(mean(*this, column(x), row(y), column(x + 1), row(y + 1)));
        }
    }
    return small;
}

X11Area pointer_area(const PointerImage& image, std::int32_t x, std::int32_t y) {
    return {x - static_cast<std::int32_t>(image.hot_x), y - static_cast<std::int32_t>(image.hot_y),
            image.width, image.height};
}

void blend_pointer(const BlendTarget& target, const PointerImage& image, std::int32_t left,
                   std::int32_t top) {
    const auto mix = target.dxgi_format == proto::kFormatRgb10a2 ? over_rgb10a2 : over;
    const std::int64_t first_y = std::max<std::int64_t>(target.rows.first, top);
    const std::int64_t end_y =
        std::min<std::int64_t>(target.rows.end, std::int64_t{top} + image.height);
    const std::int64_t first_x = std::max<std::int64_t>(0, left);
    const std::int64_t end_x =
        std::min<std::int64_t>(target.width, std::int64_t{left} + image.width);
    for (std::int64_t y = first_y; y < end_y; ++y) {
        std::byte* row = target.frame.data() + y * target.pitch_bytes;
        const std::uint32_t* source = image.pixels.data() + (y - top) * image.width;
        for (std::int64_t x = first_x; x < end_x; ++x) {
            std::uint32_t below;
            std::memcpy(&below, row + x * 4, 4);
            const std::uint32_t mixed = mix(source[x - left], below);
            std::memcpy(row + x * 4, &mixed, 4);
        }
    }
}

}  // namespace pf::driver
