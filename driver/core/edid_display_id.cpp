#include "edid_display_id.hpp"

#include <algorithm>
#include <numeric>

namespace pf::core {

namespace {

std::uint8_t negated_sum(std::span<const std::uint8_t> bytes) {
    return static_cast<std::uint8_t>(-std::accumulate(bytes.begin(), bytes.end(), 0U));
}

void put_16(std::uint32_t value, std::uint8_t* out) {
    out[0] = static_cast<std::uint8_t>(value & 0xFF);
    out[1] = static_cast<std::uint8_t>(value >> 8 & 0xFF);
}

// The data blocks of the section, each three bytes of header (tag, revision, payload bytes).
// 4.1: no OUI of a vendor, product 1, the serial, week 1 of 2026, no name.
constexpr std::uint8_t kProduct[] = {0x20, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 26, 0};
constexpr std::size_t kProductSerial = 8;
// 4.2: size and pixels, filled in; BT.2020 primaries and D65 in 12 bits; luminances not given (the
// CTA block has them); 10 bits a colour; gamma 2.2.
constexpr std::uint8_t kParameters[] = {0x21, 0,    29,   0,    0,    0,
                                        0,    0,    0,    0,    0,    0x80,  // no loudspeakers
                                        0x54, 0xCB, 0x4A,                    // 0.708 0.292
                                        0xB8, 0x12, 0xCC,                    // 0.170 0.797
                                        0x19, 0xC2, 0x0B,                    // 0.131 0.046
                                        0x01, 0x45, 0x54,                    // 0.3127 0.3290
                                        0x00, 0x80, 0x00, 0x80, 0x00, 0x80,  // not given
                                        0x03, 120};
constexpr std::size_t kParametersSize = 3;  // 0.1 mm
constexpr std::size_t kParametersPixels = 7;
// 4.7: RGB at 8 and 10 bits; sRGB, and BT.2020 with PQ.
constexpr std::uint8_t kInterface[] = {0x26, 0, 9, 0x06, 0, 0, 0, 0, 0, 0x41, 0, 0};

// 4.3: one timing.
constexpr std::uint8_t kTypeViiHeader[] = {0x22, 0, kTypeViiBytes};

}  // namespace

void seal_block(std::span<std::uint8_t, 128> block) {
    block[127] = negated_sum(block.first<127>());
}

void write_display_id(std::uint32_t serial, const Timing& preferred, const ImageSize& image,
                      std::span<std::uint8_t, 128> out) {
    constexpr std::uint8_t kSection[] = {0x70,  // EDID's tag of a DisplayID block
                                         0x20,  // version 2.0
                                         121,   // fills the block
                                         0x02,  // a display of no listed kind
                                         0};    // no further sections
    std::uint8_t* next = std::copy(std::begin(kSection), std::end(kSection), out.data());
    std::uint8_t* const product = next;
    next = std::copy(std::begin(kProduct), std::end(kProduct), product);
    put_16(serial, &product[kProductSerial]);
    put_16(serial >> 16, &product[kProductSerial + 2]);
    std::uint8_t* const parameters = next;
    next = std::copy(std::begin(kParameters), std::end(kParameters), parameters);
    put_16(image.width_mm * 10, &parameters[kParametersSize]);
    put_16(image.height_mm * 10, &parameters[kParametersSize + 2]);
    put_16(preferred.width, &parameters[kParametersPixels]);
    put_16(preferred.height, &parameters[kParametersPixels + 2]);
    next = std::copy(std::begin(kTypeViiHeader), std::end(kTypeViiHeader), next);
    write_type_vii(preferred, std::span<std::uint8_t, kTypeViiBytes>(next, kTypeViiBytes));
    std::copy(std::begin(kInterface), std::end(kInterface), next + kTypeViiBytes);
    out[126] = negated_sum(out.subspan<1, 125>());
    seal_block(out);
}

}  // namespace pf::core
