#include "x11_layout.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace pf::driver {
namespace {

// Shown while there is no monitor: the size is arbitrary, the screen must have one.
constexpr X11Size kIdleScreen{1024, 768};

std::int32_t right(const X11Area& a) {
    return a.x + static_cast<std::int32_t>(a.width);
}
std::int32_t bottom(const X11Area& a) {
    return a.y + static_cast<std::int32_t>(a.height);
}

bool is_free(std::span<const X11Area> taken, const X11Area& area) {
    return std::none_of(taken.begin(), taken.end(),
                        [&](const X11Area& other) { return overlap(other, area); });
}

X11Size grown(const X11Size& screen, const X11Area& area) {
    return {std::max(screen.width, static_cast<std::uint32_t>(right(area))),
            std::max(screen.height, static_cast<std::uint32_t>(bottom(area)))};
}

void sort_unique(std::vector<std::int32_t>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

bool fits(const X11Limits& limits, const X11Size& screen) {
    return screen.width <= limits.most.width && screen.height <= limits.most.height &&
           std::uint64_t{screen.width} * screen.height <= limits.most_pixels;
}

bool overlap(const X11Area& a, const X11Area& b) {
    return a.x < right(b) && b.x < right(a) && a.y < bottom(b) && b.y < bottom(a);
}

X11Size bounds(std::span<const X11Area> areas) {
    X11Size screen;
    for (const X11Area& area : areas) {
        screen = grown(screen, area);
    }
    return screen;
}

std::optional<X11Area> place(std::span<const X11Area> taken, const X11Size& size,
                             const std::optional<X11Area>& wanted, const X11Limits& limits) {
    const X11Size screen = bounds(taken);
    const auto usable = [&](const X11Area& area) {
        return is_free(taken, area) && fits(limits, grown(screen, area));
    };
    if (wanted) {
        const X11Area area{wanted->x, wanted->y, size.width, size.height};
        if (area.x >= 0 && area.y >= 0 && usable(area)) {
            return area;
        }
    }
    std::vector<std::int32_t> xs{0};
    std::vector<std::int32_t> ys{0};
    for (const X11Area& area : taken) {
        xs.push_back(right(area));
        ys.push_back(bottom(area));
    }
    sort_unique(xs);
    sort_unique(ys);
    for (const std::int32_t y : ys) {
        for (const std::int32_t x : xs) {
            const X11Area area{x, y, size.width, size.height};
            if (usable(area)) {
                return area;
            }
        }
    }
    return std::nullopt;
}

X11Size next_screen(const X11Size& current, std::span<const X11Area> others,
                    const std::optional<X11Area>& changed, const X11Limits& limits) {
    X11Size needed = bounds(others);
    if (changed) {
        needed = grown(needed, *changed);
    }
    if (others.empty()) {
        needed = changed ? needed : kIdleScreen;
    } else {
        const X11Size kept{std::max(needed.width, current.width),
                           std::max(needed.height, current.height)};
        needed = fits(limits, kept) ? kept : needed;
    }
    return {std::max(needed.width, limits.least.width),
            std::max(needed.height, limits.least.height)};
}

}  // namespace pf::driver
