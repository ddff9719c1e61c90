// A display mode as the contract bounds it (proto/validate.hpp), with its exact rate where that is
// no whole hertz (proto/exact_rate.hpp).
#pragma once

#include <cstdint>

namespace pf::core {

struct Mode {
    std::uint32_t width = 0;               // pixels
    std::uint32_t height = 0;              // pixels
    std::uint32_t refresh_hz = 0;          // the exact rate, rounded
    std::uint32_t refresh_millihertz = 0;  // the exact rate; 0: it is refresh_hz

    constexpr std::uint32_t millihertz() const {
        return refresh_millihertz != 0 ? refresh_millihertz : refresh_hz * 1000;
    }
    friend constexpr bool operator==(const Mode& a, const Mode& b) {
        return a.width == b.width && a.height == b.height && a.millihertz() == b.millihertz();
    }
};

}  // namespace pf::core
