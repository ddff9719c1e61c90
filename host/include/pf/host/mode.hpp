// A display mode, as people write it: "2560x1440@120".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pf::host {

struct Mode {
    std::uint32_t width = 0;       // pixels, 1..16384
    std::uint32_t height = 0;      // pixels, 1..16384
    std::uint32_t refresh_hz = 0;  // 1..1000
    friend bool operator==(const Mode&, const Mode&) = default;
};

// nullopt: not of the form WxH@Hz (any case of x), or outside the contract's bounds.
std::optional<Mode> parse_mode(std::string_view text);
std::string to_string(const Mode& mode);

}  // namespace pf::host
