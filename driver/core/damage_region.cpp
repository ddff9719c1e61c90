#include <pf/core/damage_region.hpp>

#include <algorithm>

namespace pf::core {

using proto::DamageRect;

DamageRegion DamageRegion::full() {
    DamageRegion region;
    region.full_ = true;
    return region;
}

DamageRegion DamageRegion::of(const DamageRect& rect) {
    DamageRegion region;
    region.add(rect);
    return region;
}

void DamageRegion::add(const DamageRect& rect) {
    if (!full_) {
        rects_.add(rect);
    }
}

void DamageRegion::add(const DamageRegion& other) {
    if (other.full_) {
        *this = full();
        return;
    }
    for (const DamageRect& rect : other.rects()) {
        add(rect);
    }
}

void DamageRegion::clip(std::uint32_t width, std::uint32_t height) {
    rects_.clip(width, height);
    const auto covers_all = [&](const DamageRect& rect) {
        return rect.width == width && rect.height == height;
    };
    if (std::any_of(rects_.begin(), rects_.end(), covers_all)) {
        *this = full();
    }
}

DamageRegion::Rows DamageRegion::rows(std::uint32_t height) const {
    if (full_) {
        return {0, height};
    }
    Rows rows{height, 0};
    for (const DamageRect& rect : rects()) {
        rows.first = std::min(rows.first, rect.y);
        rows.end = std::max(rows.end, rect.y + rect.height);
    }
    rows.end = std::min(rows.end, height);
    return rows.first < rows.end ? rows : Rows{0, 0};
}

}  // namespace pf::core
