#include "x11_damage.hpp"

#include <algorithm>

#include <pf/os/clock.hpp>

namespace pf::driver {

std::optional<proto::DamageRect> to_monitor(const X11Area& area, const X11Area& rect) {
    const auto end = [](std::int32_t start, std::uint32_t length) {
        return std::int64_t{start} + length;
    };
    const std::int64_t left = std::max(area.x, rect.x);
    const std::int64_t top = std::max(area.y, rect.y);
    const std::int64_t right = std::min(end(area.x, area.width), end(rect.x, rect.width));
    const std::int64_t bottom = std::min(end(area.y, area.height), end(rect.y, rect.height));
    if (left >= right || top >= bottom) {
        return std::nullopt;
    }
    return proto::DamageRect{
        static_cast<std::uint32_t>(left - area.x), static_cast<std::uint32_t>(top - area.y),
        static_cast<std::uint32_t>(right - left), static_cast<std::uint32_t>(bottom - top)};
}

FramePacer::FramePacer(std::uint32_t refresh_millihertz)
    : period_ns_(1000 * os::kSecond / std::max<std::uint32_t>(refresh_millihertz, 1)) {}

void FramePacer::advance(std::int64_t now_ns) {
    const std::int64_t late_ns = now_ns - due_ns_;
    due_ns_ = (late_ns < period_ns_ ? due_ns_ : now_ns) + period_ns_;
}

}  // namespace pf::driver
