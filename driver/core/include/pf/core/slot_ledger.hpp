// What the publisher itself knows of each slot: which of the source's frames it holds, and what
// changed since. Frames are points on the source's line of time, in the order in which it offered
// them; two contents differ at most by what changed between their points, whichever is the older.
// Its own memory; nothing in it comes from the other side.
#pragma once

#include <array>
#include <cstdint>

#include <pf/core/damage_region.hpp>
#include <pf/proto/frame.hpp>

namespace pf::core {

class SlotLedger {
public:
    // `slot_count` 1..6; every slot's content counts as unknown.
    explicit SlotLedger(std::uint32_t slot_count = 0);

    // The source has a new frame, which differs by `damage` from the one that it offered before.
    void offered(const DamageRegion& damage);
    // A frame of the source went by of which nothing is known: what the slots lack is everything.
    void lost_frame();

    struct Order {
        std::array<std::uint32_t, proto::kRingLen> slots;
        std::uint32_t count;
    };
    // The slots to try, best first: the newest content first (least to copy, warmest in the
    // cache), but the newest published frame itself last, because the reader is about to take it.
    // Those that are being drawn into are left out.
    Order order() const;

    // `slot` is drawn into from now on and will hold the newest offered frame. What it lacks of
    // that.
    DamageRegion taken(std::uint32_t slot);
    // What differs between what was taken into `slot` and the newest published frame.
    DamageRegion changed_by(std::uint32_t slot) const;
    // That is the newest published frame now.
    void published(std::uint32_t slot);
    // What was drawn is no frame.
    void spoiled(std::uint32_t slot);

private:
    struct Entry {
        std::uint64_t frame = 0;                    // the source's how manieth; 0: none
        DamageRegion since = DamageRegion::full();  // what changed after it
        bool drawing = false;
    };
    std::array<Entry, proto::kRingLen> entries_{};
    std::uint32_t count_;
    std::uint64_t offered_ = 0;    // frames
    std::uint64_t published_ = 0;  // the newest published one
    DamageRegion since_published_ = DamageRegion::full();
};

}  // namespace pf::core
