// What changed of a frame: everything, nothing, or up to 16 rectangles, which only ever cover more
// than what was added (damage::DamageRects). A value type.
#pragma once

#include <cstdint>
#include <span>

#include <pf/damage/damage_rects.hpp>

namespace pf::core {

class DamageRegion {
public:
    static DamageRegion full();
    static DamageRegion of(const proto::DamageRect& rect);
    DamageRegion() = default;  // nothing

    // Rectangles may be anything; what lies past proto::kMaxDimension is dropped.
    void add(const proto::DamageRect& rect);
    void add(const DamageRegion& other);
    // Drops what is outside; a rectangle that covers the whole frame makes the region full.
    void clip(std::uint32_t width, std::uint32_t height);

    bool is_full() const { return full_; }
    bool empty() const { return !full_ && rects_.empty(); }
    // None when full.
    std::span<const proto::DamageRect> rects() const { return {rects_.begin(), rects_.end()}; }
    // The smallest band of whole rows that holds it: [first, end). Full: [0, height).
    struct Rows {
        std::uint32_t first;
        std::uint32_t end;
    };
    Rows rows(std::uint32_t height) const;

private:
    damage::DamageRects rects_;
    bool full_ = false;
};

}  // namespace pf::core
