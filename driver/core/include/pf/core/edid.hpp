// The EDID of a virtual monitor: EDID 1.4 base block, CTA-861 extension, and a DisplayID block
// when the mode does not fit a detailed timing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/core/mode.hpp>

namespace pf::core {

// Zeros: not said, the defaults of the contract apply.
struct Luminance {
    std::uint32_t max_nits = 0;
    std::uint32_t max_frame_avg_nits = 0;
    std::uint32_t min_millinits = 0;
};

class Edid {
public:
    static constexpr std::size_t kBlockBytes = 128;
    static constexpr std::size_t kMaxBytes = 3 * kBlockBytes;

    // `mode` within the contract's bounds; `serial` is the monitor id.
    static Edid make(std::uint32_t serial, const Mode& mode, const Luminance& luminance);

    std::span<const std::uint8_t> bytes() const { return {data_.data(), size_}; }

private:
    std::array<std::uint8_t, kMaxBytes> data_{};
    std::size_t size_ = 0;
};

}  // namespace pf::core
