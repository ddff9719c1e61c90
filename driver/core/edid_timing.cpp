#include "edid_timing.hpp"

#include <algorithm>

namespace pf::core {

namespace {

constexpr std::uint32_t kHBlank = 160;
constexpr std::uint32_t kVBlank = 30;
constexpr std::uint64_t kLeastClockHz = 10'000'000;
constexpr std::uint32_t kDetailedMaxSize = 4095;
constexpr std::uint64_t kDetailedStepHz = 10'000;
constexpr std::uint64_t kDetailedMaxSteps = 0xFFFF;
constexpr std::uint64_t kPixelUm = 25'400 / 96;
constexpr std::uint64_t kLeastSideUm = 50'000;
constexpr std::uint32_t kMostCentimetres = 255;
constexpr std::uint64_t kTypeViiMaxHz = (std::uint64_t{1} << 24) * 1000;

std::uint8_t low(std::uint32_t value) {
    return static_cast<std::uint8_t>(value & 0xFF);
}
std::uint8_t high(std::uint32_t value) {
    return static_cast<std::uint8_t>((value >> 8) & 0xFF);
}
// Bits 11..8 of two values in one byte.
std::uint8_t nibbles(std::uint32_t upper, std::uint32_t lower) {
    return static_cast<std::uint8_t>((upper >> 8 & 0xF) << 4 | (lower >> 8 & 0xF));
}

std::uint64_t steps(const Timing& timing) {
    return (timing.clock_hz + kDetailedStepHz / 2) / kDetailedStepHz;
}

// With the blanking.
std::uint64_t pixels_of_a_frame(const Timing& timing) {
    return std::uint64_t{timing.width + timing.h_blank} * (timing.height + timing.v_blank);
}

// DisplayID stores every value but the clock's unit as one less.
void put_less_one(std::uint32_t value, std::uint8_t* out) {
    out[0] = low(value - 1);
    out[1] = high(value - 1);
}

// Whole units of `size_um`, never none.
std::uint32_t rounded(std::uint64_t size_um, std::uint64_t unit_um) {
    return static_cast<std::uint32_t>(
        std::max<std::uint64_t>(1, (size_um + unit_um / 2) / unit_um));
}

// How far a : b is from c : d, as a product to compare by.
std::uint64_t distance(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
    const std::uint64_t one = a * d;
    const std::uint64_t other = c * b;
    // Relative to the nearer shape, in millionths.
    return std::max(one, other) * 1'000'000 / std::min(one, other);
}

// Of the whole centimetres next to the size, those that keep the shape best. A multiple of ten is
// its own only neighbour: checkers take a whole centimetre of difference for a mistake.
void choose_centimetres(const Mode& mode, ImageSize& image) {
    std::uint64_t best = UINT64_MAX;
    const auto upper = [](std::uint32_t mm) { return std::min((mm + 9) / 10, kMostCentimetres); };
    const auto lower = [](std::uint32_t mm) { return std::max(mm / 10, 1U); };
    for (std::uint32_t width = lower(image.width_mm); width <= upper(image.width_mm); ++width) {
        for (std::uint32_t height = lower(image.height_mm); height <= upper(image.height_mm);
             ++height) {
            const std::uint64_t off = distance(width, height, mode.width, mode.height);
            if (off < best) {
                best = off;
                image.width_cm = static_cast<std::uint8_t>(width);
                image.height_cm = static_cast<std::uint8_t>(height);
            }
        }
    }
}

}  // namespace

ImageSize ImageSize::of(const Mode& mode) {
    const std::uint64_t shorter = std::min(mode.width, mode.height);
    const std::uint64_t longer = std::max(mode.width, mode.height);
    const std::uint64_t pixel_um = std::min(std::max(kPixelUm, kLeastSideUm / shorter),
                                            std::uint64_t{kMostCentimetres} * 10'000 / longer);
    ImageSize image{};
    image.width_mm = rounded(mode.width * pixel_um, 1000);
    image.height_mm = rounded(mode.height * pixel_um, 1000);
    choose_centimetres(mode, image);
    return image;
}

Timing Timing::of(const Mode& mode) {
    Timing timing{mode.width, mode.height, kHBlank, kVBlank, 0};
    const auto clock = [&] { return (pixels_of_a_frame(timing) * mode.millihertz() + 500) / 1000; };
    const auto grow = [&](std::uint32_t& blank, std::uint32_t active) {
        const std::uint64_t total = (active + blank) * ((kLeastClockHz + clock() - 1) / clock());
        blank = static_cast<std::uint32_t>(std::min<std::uint64_t>(total - active, 4000));
    };
    if (clock() < kLeastClockHz) {
        grow(timing.v_blank, timing.height);
    }
    if (clock() < kLeastClockHz) {
        grow(timing.h_blank, timing.width);
    }
    timing.clock_hz = clock();
    return timing;
}

bool fits_detailed(const Timing& timing) {
    return timing.width <= kDetailedMaxSize && timing.height <= kDetailedMaxSize &&
           steps(timing) <= kDetailedMaxSteps;
}

void write_detailed(const Timing& timing, const ImageSize& image,
                    std::span<std::uint8_t, kDetailedBytes> out) {
    constexpr std::uint8_t kDigitalSeparateHPositive = 0x1A;
    const auto clock = static_cast<std::uint32_t>(steps(timing));
    out[0] = low(clock);
    out[1] = high(clock);
    out[2] = low(timing.width);
    out[3] = low(timing.h_blank);
    out[4] = nibbles(timing.width, timing.h_blank);
    out[5] = low(timing.height);
    out[6] = low(timing.v_blank);
    out[7] = nibbles(timing.height, timing.v_blank);
    out[8] = Timing::kHFront;
    out[9] = Timing::kHSync;
    out[10] = Timing::kVFront << 4 | Timing::kVSync;
    out[11] = 0;  // upper bits of the four above
    out[12] = low(image.width_mm);
    out[13] = low(image.height_mm);
    out[14] = nibbles(image.width_mm, image.height_mm);
    out[15] = 0;  // no borders
    out[16] = 0;
    out[17] = kDigitalSeparateHPositive;
}

Mode within_type_vii(const Mode& mode) {
    Mode fitting = mode;
    const Timing timing = Timing::of(mode);
    if (timing.clock_hz > kTypeViiMaxHz) {
        fitting.refresh_hz = static_cast<std::uint32_t>(kTypeViiMaxHz / pixels_of_a_frame(timing));
        fitting.refresh_millihertz = 0;
    }
    return fitting;
}

void write_type_vii(const Timing& timing, std::span<std::uint8_t, kTypeViiBytes> out) {
    constexpr std::uint8_t kPreferredAspectUndefined = 0x88;
    constexpr std::uint32_t kHPositive = 0x8000;
    const auto khz = static_cast<std::uint32_t>((timing.clock_hz + 500) / 1000);
    put_less_one(khz, &out[0]);
    out[2] = static_cast<std::uint8_t>((khz - 1) >> 16);
    out[3] = kPreferredAspectUndefined;
    put_less_one(timing.width, &out[4]);
    put_less_one(timing.h_blank, &out[6]);
    put_less_one(Timing::kHFront | kHPositive, &out[8]);
    put_less_one(Timing::kHSync, &out[10]);
    put_less_one(timing.height, &out[12]);
    put_less_one(timing.v_blank, &out[14]);
    put_less_one(Timing::kVFront, &out[16]);
    put_less_one(Timing::kVSync, &out[18]);
}

}  // namespace pf::core
