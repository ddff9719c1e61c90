// A display mode as the contract bounds it (proto/validate.hpp).
#pragma once

#include <cstdint>

namespace pf::core {

struct Mode {
    std::uint32_t width = 0;   // pixels
    std::uint32_t height = 0;  // pixels
    std::uint32_t refresh_hz = 0;
    friend bool operator==(const Mode&, const Mode&) = default;
};

}  // namespace pf::core
