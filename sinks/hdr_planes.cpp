#include "hdr_planes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace pf::sinks {
namespace {

constexpr float kMaxScrgb = 10000.0F / 80.0F;

// BT.709 to BT.2020 primaries, linear light (ITU-R BT.2087-0, section 4).
constexpr float kTo2020[3][3] = {{0.6274039F, 0.3292830F, 0.0433131F},
                                 {0.0690973F, 0.9195404F, 0.0113623F},
                                 {0.0163914F, 0.0880133F, 0.8955953F}};

float clean(float value) {
    return value > 0.0F ? std::min(value, kMaxScrgb) : 0.0F;
}

}  // namespace

float half_to_float(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 0x1F;
    const int fraction = bits & 0x3FF;
    float value = 0;
    if (exponent == 0) {
        value = std::ldexp(static_cast<float>(fraction), -24);
    } else if (exponent == 31) {
        value = fraction == 0 ? INFINITY : NAN;
    } else {
        value = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
    }
    return (bits & 0x8000) != 0 ? -value : value;
}

std::uint16_t float_to_half(float value) {
    if (value < 6.103515625e-05F) {  // below the smallest normal half
        return static_cast<std::uint16_t>(std::lrint(value * 16777216.0F));
    }
    const auto bits = std::bit_cast<std::uint32_t>(value) + 0x1000U;  // half of the lost unit
    return static_cast<std::uint16_t>(std::min((bits - 0x38000000U) >> 13, 0x7BFFU));
}

std::uint16_t pq_code10(double nits) {
    constexpr double kM1 = 2610.0 / 16384, kM2 = 2523.0 / 4096 * 128;
    constexpr double kC1 = 3424.0 / 4096, kC2 = 2413.0 / 4096 * 32, kC3 = 2392.0 / 4096 * 32;
    const double power = std::pow(std::clamp(nits / 10000.0, 0.0, 1.0), kM1);
    const double signal = std::pow((kC1 + kC2 * power) / (1 + kC3 * power), kM2);
    return static_cast<std::uint16_t>(std::lrint(signal * 1023));
}

void unpack_rgb10a2(const host::FrameView& view, const Planes10& out) {
    for (std::size_t y = 0; y < view.height; ++y) {
        const std::byte* row = view.pixels() + y * view.pitch_bytes();
        std::uint16_t* green = out.gbr[0] + y * out.pitch_words[0];
        std::uint16_t* blue = out.gbr[1] + y * out.pitch_words[1];
        std::uint16_t* red = out.gbr[2] + y * out.pitch_words[2];
        for (std::size_t x = 0; x < view.width; ++x) {
            std::uint32_t pixel = 0;
            std::memcpy(&pixel, row + x * 4, 4);
            red[x] = static_cast<std::uint16_t>(pixel & 0x3FF);
            green[x] = static_cast<std::uint16_t>((pixel >> 10) & 0x3FF);
            blue[x] = static_cast<std::uint16_t>((pixel >> 20) & 0x3FF);
        }
    }
}

ScrgbToPq::ScrgbToPq() : linear_(65536), code_(65536) {
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const float value = half_to_float(static_cast<std::uint16_t>(bits));
        linear_[bits] = std::isnan(value) ? 0.0F : std::clamp(value, -kMaxScrgb, kMaxScrgb);
        code_[bits] = pq_code10(static_cast<double>(clean(value)) * 80.0);
    }
}

void ScrgbToPq::convert(const host::FrameView& view, const Planes10& out) const {
    for (std::size_t y = 0; y < view.height; ++y) {
        const std::byte* row = view.pixels() + y * view.pitch_bytes();
        for (std::size_t x = 0; x < view.width; ++x) {
            std::uint16_t half[4];
            std::memcpy(half, row + x * 8, 8);
            const float in[3] = {linear_[half[0]], linear_[half[1]], linear_[half[2]]};
            std::uint16_t rgb[3];
            for (int c = 0; c < 3; ++c) {
                const float* k = kTo2020[c];
                rgb[c] = code_[float_to_half(clean(k[0] * in[0] + k[1] * in[1] + k[2] * in[2]))];
            }
            out.gbr[0][y * out.pitch_words[0] + x] = rgb[1];
            out.gbr[1][y * out.pitch_words[1] + x] = rgb[2];
            out.gbr[2][y * out.pitch_words[2] + x] = rgb[0];
        }
    }
}

}  // namespace pf::sinks
