// Where monitors lie on the X screen. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace pf::driver {

// Pixels of the X screen.
struct X11Area {
    std::int32_t x = 0;
    std::int32_t y = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    friend bool operator==(const X11Area&, const X11Area&) = default;
};

struct X11Size {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    friend bool operator==(const X11Size&, const X11Size&) = default;
};

struct X11Limits {
    X11Size least;              // of the screen, pixels
    X11Size most;               // of the screen, pixels
    std::uint64_t most_pixels;  // of the screen's whole area
};

bool fits(const X11Limits& limits, const X11Size& screen);
bool overlap(const X11Area& a, const X11Area& b);
// The smallest screen that holds them all.
X11Size bounds(std::span<const X11Area> areas);

// A free place for a monitor: `wanted` where it is still free, else the first one of the top row,
// else further down. nullopt: the screen would outgrow the limits.
std::optional<X11Area> place(std::span<const X11Area> taken, const X11Size& size,
                             const std::optional<X11Area>& wanted, const X11Limits& limits);

// The screen's next size. A resize makes every window repaint, so it shrinks only when no other
// monitor shows the screen, and grows no further than needed.
X11Size next_screen(const X11Size& current, std::span<const X11Area> others,
                    const std::optional<X11Area>& changed, const X11Limits& limits);

}  // namespace pf::driver
