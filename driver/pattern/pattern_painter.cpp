#include "pattern_painter.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include <pf/pattern/stamp.hpp>
#include <pf/proto/validate.hpp>

namespace pf::driver {
namespace {

struct Colour {
    float red, green, blue;  // 1 is SDR white; more is brighter, where the format can say so
};

constexpr Colour kBars[] = {{1, 1, 1}, {1, 1, 0}, {0, 1, 1}, {0, 1, 0},
                            {1, 0, 1}, {1, 0, 0}, {0, 0, 1}, {0.1F, 0.1F, 0.1F}};
constexpr float kBandLight[] = {0.25F, 0.5F, 0.75F, 1.0F};
constexpr float kHdrHeadroom = 4;  // the brightest band of a float picture: 4 x 80 nits (scRGB)
constexpr Colour kMoverColour = {1, 0.6F, 0.1F};

// IEEE 754 half of a value that is 0 or a normal half.
std::uint16_t half(float value) {
    if (value == 0) {
        return 0;
    }
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t exponent = ((bits >> 23) & 0xFF) - 127 + 15;
    return static_cast<std::uint16_t>((bits >> 16 & 0x8000) | exponent << 10 |
                                      (bits >> 13 & 0x3FF));
}

std::uint32_t unorm(float value, std::uint32_t max) {
    return static_cast<std::uint32_t>(
        std::lround(std::clamp(value, 0.0F, 1.0F) * static_cast<float>(max)));
}

// The pixel in its low bytes, as it lies in memory.
std::uint64_t encode(const Colour& c, std::uint32_t dxgi_format) {
    switch (dxgi_format) {
        case proto::kFormatRgba16f:
            return half(c.red) | std::uint64_t{half(c.green)} << 16 |
                   std::uint64_t{half(c.blue)} << 32 | std::uint64_t{half(1)} << 48;
        case proto::kFormatRgb10a2:
            return unorm(c.red, 1023) | unorm(c.green, 1023) << 10 | unorm(c.blue, 1023) << 20 |
                   3u << 30;
        default:
            return unorm(c.blue, 255) | unorm(c.green, 255) << 8 | unorm(c.red, 255) << 16 |
                   255u << 24;
    }
}

Colour scaled(const Colour& c, float light) {
    return {c.red * light, c.green * light, c.blue * light};
}

bool intersect(const proto::DamageRect& a, const proto::DamageRect& b, proto::DamageRect& out) {
    const std::uint32_t left = std::max(a.x, b.x);
    const std::uint32_t top = std::max(a.y, b.y);
    const std::uint32_t right = std::min(a.x + a.width, b.x + b.width);
    const std::uint32_t bottom = std::min(a.y + a.height, b.y + b.height);
    if (left >= right || top >= bottom) {
        return false;
    }
    out = {left, top, right - left, bottom - top};
    return true;
}

// Bounces between 0 and `range` inclusive.
std::uint32_t bounce(std::uint64_t distance, std::uint32_t range) {
    if (range == 0) {
        return 0;
    }
    const auto phase = static_cast<std::uint32_t>(distance % (2ULL * range));
    return phase <= range ? phase : 2 * range - phase;
}

}  // namespace

PatternPainter::PatternPainter(const core::Mode& mode, std::uint32_t dxgi_format,
                               std::uint32_t target_id, Motion motion)
    : width_(mode.width),
      height_(mode.height),
      dxgi_format_(dxgi_format),
      pixel_bytes_(proto::bytes_per_pixel(dxgi_format)),
      target_id_(target_id),
      motion_(motion) {
    for (std::size_t band = 0; band < kBands; ++band) {
        const bool brightest = band + 1 == kBands && dxgi_format == proto::kFormatRgba16f;
        const float light = kBandLight[band] * (brightest ? kHdrHeadroom : 1);
        card_[band].resize(tight_pitch_bytes());
        for (std::uint32_t x = 0; x < width_; ++x) {
            const Colour& bar = kBars[x * std::size(kBars) / width_];
            const std::uint64_t pixel = encode(scaled(bar, light), dxgi_format);
            std::memcpy(card_[band].data() + std::size_t{x} * pixel_bytes_, &pixel, pixel_bytes_);
        }
    }
    mover_.resize(tight_pitch_bytes());
    const std::uint64_t pixel = encode(kMoverColour, dxgi_format);
    for (std::uint32_t x = 0; x < width_; ++x) {
        std::memcpy(mover_.data() + std::size_t{x} * pixel_bytes_, &pixel, pixel_bytes_);
    }
}

std::span<const proto::DamageRect> PatternPainter::movers(
    std::uint64_t sequence, std::array<proto::DamageRect, 3>& storage) const {
    if (motion_ == Motion::none) {
        return {};
    }
    if (motion_ == Motion::bar) {
        const std::uint32_t bar = std::max(1u, width_ / 32);
        storage[0] = {bounce(sequence * 8, width_ - bar), 0, bar, height_};
        return {storage.data(), 1};
    }
    const std::uint32_t side = std::max(1u, std::min({64u, width_ / 8, height_ / 8}));
    for (std::uint32_t i = 0; i < storage.size(); ++i) {
        storage[i] = {bounce(sequence * (3 + i) + std::uint64_t{i} * 97, width_ - side),
                      bounce(sequence * (2 + i) + std::uint64_t{i} * 53, height_ - side), side,
                      side};
    }
    return storage;
}

core::DamageRegion PatternPainter::difference(std::uint64_t from_sequence,
                                              std::uint64_t to_sequence) const {
    core::DamageRegion region;
    const std::uint32_t columns = pattern::stamp_columns(width_, pixel_bytes_);
    region.add(proto::DamageRect{0, 0, columns, height_});
    region.add(proto::DamageRect{width_ - columns, 0, columns, height_});
    std::array<proto::DamageRect, 3> storage;
    for (const proto::DamageRect& rect : movers(from_sequence, storage)) {
        region.add(rect);
    }
    for (const proto::DamageRect& rect : movers(to_sequence, storage)) {
        region.add(rect);
    }
    return region;
}

void PatternPainter::paint(std::span<std::byte> pixels, std::uint32_t pitch_bytes,
                           const core::DamageRegion& region, std::uint64_t sequence) const {
    if (region.is_full()) {
        paint_rect(pixels, pitch_bytes, {0, 0, width_, height_}, sequence);
    }
    for (const proto::DamageRect& rect : region.rects()) {
        paint_rect(pixels, pitch_bytes, proto::clip(rect, width_, height_), sequence);
    }
    pattern::paint_stamps(pixels, pitch_bytes, width_, height_, pixel_bytes_, target_id_, sequence);
}

const PatternPainter::Row& PatternPainter::card_row(std::uint32_t y) const {
    return card_[y * kBands / height_];
}

void PatternPainter::paint_rect(std::span<std::byte> pixels, std::uint32_t pitch_bytes,
                                const proto::DamageRect& rect, std::uint64_t sequence) const {
    const auto copy = [&](const proto::DamageRect& r, std::uint32_t y, const Row& from) {
        const std::size_t left = std::size_t{r.x} * pixel_bytes_;
        std::memcpy(pixels.data() + std::size_t{y} * pitch_bytes + left, from.data() + left,
                    std::size_t{r.width} * pixel_bytes_);
    };
    for (std::uint32_t y = rect.y; y < rect.y + rect.height; ++y) {
        copy(rect, y, card_row(y));
    }
    std::array<proto::DamageRect, 3> storage;
    proto::DamageRect part;
    for (const proto::DamageRect& mover : movers(sequence, storage)) {
        if (intersect(mover, rect, part)) {
            for (std::uint32_t y = part.y; y < part.y + part.height; ++y) {
                copy(part, y, mover_);
            }
        }
    }
}

}  // namespace pf::driver
