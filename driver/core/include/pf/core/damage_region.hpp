// What changed of a frame: everything, nothing, or up to 16 rectangles. Adding more merges those
// whose union wastes least, so a region only ever covers more than what was added. A value type.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/proto/ring_extension.hpp>

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
    bool empty() const { return !full_ && count_ == 0; }
    // None when full.
    std::span<const proto::DamageRect> rects() const { return {rects_.data(), count_}; }
    // The smallest band of whole rows that holds it: [first, end). Full: [0, height).
    struct Rows {
        std::uint32_t first;
        std::uint32_t end;
    };
    Rows rows(std::uint32_t height) const;

private:
    void merge_cheapest(const proto::DamageRect& rect);
    void remove(std::size_t index);

    std::array<proto::DamageRect, proto::kMaxDamageRects> rects_{};
    std::size_t count_ = 0;
    bool full_ = false;
};

}  // namespace pf::core
