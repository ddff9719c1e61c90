// A display mode, as people write it: "2560x1440@120", "1920x1080@59.94".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pf::host {

// The public contract carries whole hertz; a driver of ours takes the exact rate beside them. One
// that does not runs at refresh_hz, and SessionStats::mode says so.
struct Mode {
    std::uint32_t width = 0;               // pixels, 1..16384
    std::uint32_t height = 0;              // pixels, 1..16384
    std::uint32_t refresh_hz = 0;          // 1..1000; the exact rate, rounded (half a hertz: up)
    std::uint32_t refresh_millihertz = 0;  // 1000..1'000'000: the exact rate; 0: it is refresh_hz

    // `exact_millihertz` is 1000..1'000'000: 59'940, 23'976.
    static constexpr Mode exact(std::uint32_t width, std::uint32_t height,
                                std::uint32_t exact_millihertz) {
        const std::uint32_t hz = (exact_millihertz + 500) / 1000;
        return {width, height, hz, exact_millihertz == hz * 1000 ? 0 : exact_millihertz};
    }
    constexpr std::uint32_t millihertz() const {
        return refresh_millihertz != 0 ? refresh_millihertz : refresh_hz * 1000;
    }
    constexpr bool is_whole_hertz() const { return millihertz() == refresh_hz * 1000; }
    constexpr Mode in_whole_hertz() const { return {width, height, refresh_hz}; }
    friend constexpr bool operator==(const Mode& a, const Mode& b) {
        return a.width == b.width && a.height == b.height && a.millihertz() == b.millihertz();
    }
};

// Within the bounds above, and its two rates are one.
bool valid(const Mode& mode);

// nullopt: not of the form WxH@Hz (any case of x; at most three decimals of Hz), or outside the
// bounds.
std::optional<Mode> parse_mode(std::string_view text);
// As parse_mode reads it, with as few digits as the exact rate takes.
std::string to_string(const Mode& mode);

}  // namespace pf::host
