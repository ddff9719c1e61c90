// Deep-colour pixels as planes of 10 bits: green, blue, red, each a 16-bit word.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <pf/host/frame.hpp>

namespace pf::sinks {

struct Planes10 {
    std::array<std::uint16_t*, 3> gbr{};       // first rows
    std::array<std::size_t, 3> pitch_words{};  // from row to row
};

// Exact; the two bits of alpha are not kept.
void unpack_rgb10a2(const host::FrameView& view, const Planes10& out);

// Linear scRGB (1.0 = 80 nits, BT.709 primaries) to PQ-coded BT.2020. Negative and NaN become 0,
// beyond 10000 nits is 10000.
class ScrgbToPq {
public:
    ScrgbToPq();
    void convert(const host::FrameView& view, const Planes10& out) const;

private:
    std::vector<float> linear_;        // by half-float bits: nits / 80
    std::vector<std::uint16_t> code_;  // by the same bits of a result: the PQ code
};

float half_to_float(std::uint16_t bits);
std::uint16_t float_to_half(float value);  // value >= 0 and finite; rounds to nearest
// Nits to the code of SMPTE ST 2084, 0..1023 (full range).
std::uint16_t pq_code10(double nits);

}  // namespace pf::sinks
