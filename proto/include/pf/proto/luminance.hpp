// Luminance as CTA-861.3 codes it in the HDR static metadata block (section 4.2): one byte each.
// Integer arithmetic only, so that both sides of the boundary get the same byte.
#pragma once

#include <pf/proto/abi.hpp>

namespace pf::proto {

// What a display says of itself when no maximum was named (AddRequest::max_luminance_nits is 0). As
// codes they are 0x8A, 0x60 and 0x12, the bytes of the public protocol: 993, 400 and 0.05 nits.
// Here, since the driver's EDID and what a host writes into its files must say the same.
inline constexpr std::uint32_t kDefaultMaxLuminanceNits = 1000;
inline constexpr std::uint32_t kDefaultMaxFrameAvgLuminanceNits = 400;
inline constexpr std::uint32_t kDefaultMinLuminanceMillinits = 50;

inline constexpr ConstantPin kLuminanceConstants[] = {
    PF_PROTO_CONSTANT(kDefaultMaxLuminanceNits, std::uint32_t, 1000),
    PF_PROTO_CONSTANT(kDefaultMaxFrameAvgLuminanceNits, std::uint32_t, 400),
    PF_PROTO_CONSTANT(kDefaultMinLuminanceMillinits, std::uint32_t, 50),
};
static_assert(abi::count(kLuminanceConstants) == 3);

// round(2^(k/32) * 65536)
inline constexpr std::uint32_t kLuminanceSteps[32] = {
    65536,  66971,  68438,  69936,  71468,  73032,  74632,  76266,  77936,  79642,  81386,
    83169,  84990,  86851,  88752,  90696,  92682,  94711,  96785,  98905,  101070, 103283,
    105545, 107856, 110218, 112631, 115098, 117618, 120194, 122825, 125515, 128263};

// The luminance that a code stands for, 50 * 2^(code/32) nits, in thousandths of a nit. A code
// above 255 is taken as 255.
constexpr std::uint64_t cta_max_millinits(std::uint32_t code) {
    const auto c = abi::at_most(code, 255);
    return ((std::uint64_t{50000} << (c / 32)) * kLuminanceSteps[c % 32]) / 65536;
}

// The largest code in 1..255 that does not promise more than `nits`; 1 when even that is more.
constexpr std::uint8_t cta_max_luminance_code(std::uint32_t nits) {
    std::uint8_t code = 1;
    while (code < 255 && cta_max_millinits(code + 1u) <= std::uint64_t{nits} * 1000) {
        ++code;
    }
    return code;
}

// 255 * sqrt(100 * L_min / L_max) as the public protocol rounds it, at most 255; `max_code` is the
// code of L_max. With t the square's floor and r the root's, the code is r + 1 if t > r * r + r,
// else r: the least code with t <= code * (code + 1). Not always the nearest to the real root,
// since t has lost its fraction; both sides of the boundary must say the same byte.
constexpr std::uint8_t cta_min_luminance_code(std::uint32_t millinits, std::uint32_t max_code) {
    const std::uint64_t squared =
        std::uint64_t{255 * 255 * 100} * millinits / cta_max_millinits(max_code);
    std::uint8_t code = 0;
    while (code < 255 && squared > code * (code + 1u)) {
        ++code;
    }
    return code;
}

namespace abi {

// floor(log2((odd / 2^17) ^ 32)) for an odd numerator around 2^17, by five squarings of a 32-bit
// mantissa; the truncation, under 2^-26, is far below the half step, 2^-12, that it must tell.
consteval int log2_of_32nd_power(std::uint64_t odd) {
    int exponent = -17;
    for (std::uint64_t v = odd; v > 1; v >>= 1) {
        ++exponent;
    }
    std::uint64_t mantissa = exponent < 0 ? odd << 15 : odd << 14;
    for (int i = 0; i < 5; ++i) {
        mantissa = mantissa * mantissa >> 31;
        exponent *= 2;
        if (mantissa >> 32 != 0) {
            mantissa >>= 1;
            ++exponent;
        }
    }
    return exponent;
}

// The table's pin is its formula: 2^(k/32) lies within half a step of steps[k].
consteval bool steps_are_rounded_roots(const std::uint32_t (&steps)[32]) {
    for (int k = 0; k < 32; ++k) {
        const std::uint64_t twice = std::uint64_t{2} * steps[k];
        if (log2_of_32nd_power(twice - 1) >= k || log2_of_32nd_power(twice + 1) < k) {
            return false;
        }
    }
    return true;
}

}  // namespace abi

static_assert(abi::steps_are_rounded_roots(kLuminanceSteps));
static_assert(std::is_same_v<decltype(kLuminanceSteps), const std::uint32_t[32]>);
static_assert(std::is_same_v<decltype(cta_max_millinits), std::uint64_t(std::uint32_t)>);
static_assert(cta_max_millinits(0) == 50000 && cta_max_millinits(1) == 51094 &&
              cta_max_millinits(31) == 97856 && cta_max_millinits(32) == 100000 &&
              cta_max_millinits(63) == 195713 && cta_max_millinits(64) == 200000 &&
              cta_max_millinits(138) == 993481 && cta_max_millinits(254) == 12257324 &&
              cta_max_millinits(255) == 12525683 && cta_max_millinits(256) == 12525683 &&
              cta_max_millinits(0xFFFFFFFF) == 12525683);
static_assert(std::is_same_v<decltype(cta_max_luminance_code), std::uint8_t(std::uint32_t)>);
static_assert(cta_max_luminance_code(0) == 1 && cta_max_luminance_code(51) == 1 &&
              cta_max_luminance_code(52) == 1 && cta_max_luminance_code(53) == 2 &&
              cta_max_luminance_code(99) == 31 && cta_max_luminance_code(100) == 32 &&
              cta_max_luminance_code(1000) == 138 && cta_max_luminance_code(12525) == 254 &&
              cta_max_luminance_code(12526) == 255 && cta_max_luminance_code(4294968) == 255 &&
              cta_max_luminance_code(0xFFFFFFFF) == 255);
static_assert(cta_max_luminance_code(kDefaultMaxLuminanceNits) == 0x8A &&
              cta_max_luminance_code(kDefaultMaxFrameAvgLuminanceNits) == 0x60 &&
              cta_min_luminance_code(kDefaultMinLuminanceMillinits, 0x8A) == 0x12);
static_assert(
    std::is_same_v<decltype(cta_min_luminance_code), std::uint8_t(std::uint32_t, std::uint32_t)>);
static_assert(cta_min_luminance_code(0, 0) == 0 && cta_min_luminance_code(5, 0) == 25 &&
              cta_min_luminance_code(1, 138) == 2 && cta_min_luminance_code(50, 138) == 18 &&
              cta_min_luminance_code(250, 254) == 11 && cta_min_luminance_code(1, 255) == 0 &&
              cta_min_luminance_code(494, 0) == 253 && cta_min_luminance_code(495, 0) == 254 &&
              cta_min_luminance_code(498, 0) == 254 && cta_min_luminance_code(499, 0) == 255 &&
              cta_min_luminance_code(100000, 255) == 228 &&
              cta_min_luminance_code(0xFFFFFFFF, 255) == 255 &&
              cta_min_luminance_code(33025723, 0) == 255 &&
              cta_min_luminance_code(0xFFFFFFFF, 0) == 255);

}  // namespace pf::proto
