// The way from any number of changed rectangles to the kMaxDamageRects that a record holds: those
// whose union wastes least are merged, so that the result only ever covers more than what was
// added. Both sides use it: a driver with more rectangles, a host whose consumer skipped frames.
#pragma once

#include <pf/proto/validate.hpp>

namespace pf::damage {

using proto::DamageRect;

// A value.
class DamageRects {
public:
    // Any values; what lies past proto::kMaxDimension is dropped.
    constexpr void add(const DamageRect& rect) {
        const DamageRect inside = proto::clip(rect, proto::kMaxDimension, proto::kMaxDimension);
        if (inside.width != 0) {
            insert(inside);
        }
    }

    // Drops what is outside a width x height frame.
    constexpr void clip(std::uint32_t width, std::uint32_t height) {
        for (std::uint32_t i = 0; i < count_;) {
            rects_[i] = proto::clip(rects_[i], width, height);
            if (rects_[i].width == 0) {
                remove(i);
            } else {
                ++i;
            }
        }
    }

    constexpr bool empty() const { return count_ == 0; }
    constexpr std::uint32_t size() const { return count_; }  // 0..kMaxDamageRects
    // In no order; the pointers hold until the next change.
    constexpr const DamageRect* begin() const { return rects_; }
    constexpr const DamageRect* end() const { return rects_ + count_; }

private:
    // Within proto::kMaxDimension on both axes, so that no area overflows.
    static constexpr std::int64_t area(const DamageRect& r) {
        return std::int64_t{r.width} * r.height;
    }

    static constexpr DamageRect united(const DamageRect& a, const DamageRect& b) {
        const std::uint32_t left = proto::abi::at_most(a.x, b.x);
        const std::uint32_t top = proto::abi::at_most(a.y, b.y);
        const std::uint32_t right = a.x + a.width > b.x + b.width ? a.x + a.width : b.x + b.width;
        const std::uint32_t bottom =
            a.y + a.height > b.y + b.height ? a.y + a.height : b.y + b.height;
        return {left, top, right - left, bottom - top};
    }

    // Pixels that the union covers beyond its parts; overlap makes it negative.
    static constexpr std::int64_t waste(const DamageRect& a, const DamageRect& b) {
        return area(united(a, b)) - area(a) - area(b);
    }

    constexpr void insert(DamageRect grown) {
        for (std::uint32_t i = 0; i < count_;) {
            if (waste(rects_[i], grown) <= 0) {
                grown = united(rects_[i], grown);
                remove(i);
                i = 0;  // the grown one may swallow others now
            } else {
                ++i;
            }
        }
        rects_[count_++] = grown;
        if (count_ > proto::kMaxDamageRects) {
            merge_cheapest();
        }
    }

    constexpr void merge_cheapest() {
        std::uint32_t first = 0;
        std::uint32_t second = 1;
        for (std::uint32_t i = 0; i < count_; ++i) {
            for (std::uint32_t j = i + 1; j < count_; ++j) {
                if (waste(rects_[i], rects_[j]) < waste(rects_[first], rects_[second])) {
                    first = i;
                    second = j;
                }
            }
        }
        rects_[first] = united(rects_[first], rects_[second]);
        remove(second);
    }

    constexpr void remove(std::uint32_t index) { rects_[index] = rects_[--count_]; }

    DamageRect rects_[proto::kMaxDamageRects + 1]{};  // one more than a record holds, while merging
    std::uint32_t count_ = 0;
};

}  // namespace pf::damage
