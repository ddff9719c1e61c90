// What changed of a frame: everything, nothing, or up to 16 rectangles. Adding more merges those
// whose union wastes least.
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

    void add(const proto::DamageRect& rect);
    void add(const DamageRegion& other);
    void clip(std::uint32_t width, std::uint32_t height);  // drops what is outside

    bool is_full() const { return full_; }
    bool empty() const { return !full_ && count_ == 0; }
    std::span<const proto::DamageRect> rects() const { return {rects_.data(), count_}; }
    // The smallest band of whole rows that holds it: [first, end). Full: [0, height).
    struct Rows {
        std::uint32_t first;
        std::uint32_t end;
    };
    Rows rows(std::uint32_t height) const;

private:
    std::array<proto::DamageRect, proto::kMaxDamageRects> rects_{};
    std::size_t count_ = 0;
    bool full_ = false;
};

}  // namespace pf::core
