#include <pf/core/damage_region.hpp>

#include <algorithm>

#include <pf/proto/validate.hpp>

namespace pf::core {

namespace {

using proto::DamageRect;

// Within kMaxDimension on both axes, so that no area overflows.
std::uint64_t area(const DamageRect& r) {
    return std::uint64_t{r.width} * r.height;
}

DamageRect united(const DamageRect& a, const DamageRect& b) {
    const std::uint32_t x = std::min(a.x, b.x);
    const std::uint32_t y = std::min(a.y, b.y);
    return {x, y, std::max(a.x + a.width, b.x + b.width) - x,
            std::max(a.y + a.height, b.y + b.height) - y};
}

// Pixels that the union covers beyond its parts; overlap makes it negative.
std::int64_t waste(const DamageRect& a, const DamageRect& b) {
    return static_cast<std::int64_t>(area(united(a, b))) -
           static_cast<std::int64_t>(area(a) + area(b));
}

}  // namespace

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
    DamageRect grown = proto::clip(rect, proto::kMaxDimension, proto::kMaxDimension);
    if (full_ || grown.width == 0) {
        return;
    }
    for (std::size_t i = 0; i < count_;) {
        if (waste(rects_[i], grown) <= 0) {
            grown = united(rects_[i], grown);
            remove(i);
            i = 0;  // the grown one may swallow others now
        } else {
            ++i;
        }
    }
    if (count_ < rects_.size()) {
        rects_[count_++] = grown;
    } else {
        merge_cheapest(grown);
    }
}

void DamageRegion::merge_cheapest(const DamageRect& rect) {
    std::array<DamageRect, proto::kMaxDamageRects + 1> all;
    std::copy(rects_.begin(), rects_.end(), all.begin());
    all.back() = rect;
    std::size_t first = 0;
    std::size_t second = 1;
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = i + 1; j < all.size(); ++j) {
            if (waste(all[i], all[j]) < waste(all[first], all[second])) {
                first = i;
                second = j;
            }
        }
    }
    all[first] = united(all[first], all[second]);
    all[second] = all.back();
    std::copy_n(all.begin(), rects_.size(), rects_.begin());
}

void DamageRegion::remove(std::size_t index) {
    rects_[index] = rects_[--count_];
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
    for (std::size_t i = 0; i < count_;) {
        rects_[i] = proto::clip(rects_[i], width, height);
        if (rects_[i].width == width && rects_[i].height == height && width != 0) {
            *this = full();
            return;
        }
        if (rects_[i].width == 0) {
            remove(i);
        } else {
            ++i;
        }
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
