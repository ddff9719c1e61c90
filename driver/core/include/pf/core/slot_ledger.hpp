// What the publisher itself knows of each slot: how old its content is and what it lacks of the
// newest frame. Its own memory; nothing in it comes from the other side.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include <pf/core/damage_region.hpp>
#include <pf/proto/frame.hpp>

namespace pf::core {

class SlotLedger {
public:
    // `slot_count` 1..6; every slot's content counts as unknown.
    explicit SlotLedger(std::uint32_t slot_count = 0);

    struct Order {
        std::array<std::uint32_t, proto::kRingLen> slots;
        std::uint32_t count;
    };
    // The slots to try, best first: the newest content first (least to copy, warmest in the
    // cache), but the newest frame itself last, because the reader is about to take it.
    Order order() const;

    const DamageRegion& stale(std::uint32_t slot) const { return entries_[slot].stale; }

    // `slot` now holds the newest frame, which differs by `damage` from the one before it.
    void published(std::uint32_t slot, const DamageRegion& damage);
    // `slot` was written to, and what it holds is no frame.
    void spoiled(std::uint32_t slot);
    // A frame went by unpublished: what the slots lack is no longer known.
    void lost_frame();
    // The next published damage says nothing about the published frame before it.
    bool base_lost() const { return base_lost_; }

private:
    struct Entry {
        std::uint64_t age = 0;  // count of the frame it holds; 0: no frame
        DamageRegion stale = DamageRegion::full();
    };
    std::array<Entry, proto::kRingLen> entries_{};
    std::uint32_t count_;
    std::uint64_t newest_ = 0;
    bool base_lost_ = true;
};

}  // namespace pf::core
