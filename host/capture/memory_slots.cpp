#include "capture/memory_slots.hpp"

#include <atomic>

#include <pf/os/clock.hpp>
#include <pf/proto/shared_access.hpp>

namespace pf::host {
namespace {

using proto::load_relaxed;

// Reads every field once; `state` is the caller's business. False when the copy cannot be right.
bool copy_record(const proto::SlotRecord& shared, const proto::RingGeometry& geometry,
                 proto::SlotRecord& copy) {
    copy.flags = load_relaxed(shared.flags);
    copy.damage_count = load_relaxed(shared.damage_count);
    copy.source_sequence = load_relaxed(shared.source_sequence);
    copy.present_ticks = load_relaxed(shared.present_ticks);
    copy.claimed_ticks = load_relaxed(shared.claimed_ticks);
    copy.filled_ticks = load_relaxed(shared.filled_ticks);
    copy.published_ticks = load_relaxed(shared.published_ticks);
    copy.damage_base_seq = load_relaxed(shared.damage_base_seq);
    if (copy.damage_count > proto::kMaxDamageRects) {
        return false;
    }
    for (std::uint32_t i = 0; i < copy.damage_count; ++i) {
        const proto::DamageRect& rect = shared.damage[i];
        copy.damage[i] = proto::clip({load_relaxed(rect.x), load_relaxed(rect.y),
                                      load_relaxed(rect.width), load_relaxed(rect.height)},
                                     geometry.width, geometry.height);
    }
    return true;
}

}  // namespace

HoldResult MemorySlots::hold(std::uint32_t slot, std::uint32_t seq, std::uint64_t noticed_ticks,
                             proto::SlotRecord& record) {
    proto::MemoryRing& shared = ring_.shared();
    proto::SlotLease& lease = shared.leases[slot];
    const proto::SlotRecord& its_record = shared.records[slot];
    proto::store_relaxed(lease.held, 1);
    proto::full_fence();  // against the driver's fence between WRITING and its look at `held`
    record = {};
    record.state = proto::load_acquire(its_record.state);
    record.seq = load_relaxed(its_record.seq);
    if (record.state != proto::kSlotPublished || record.seq != seq) {
        proto::store_release(lease.held, 0);
        return HoldResult::moved_on;
    }
    if (!copy_record(its_record, ring_.geometry(), record)) {
        proto::store_release(lease.held, 0);
        return HoldResult::malformed;
    }
    proto::store_relaxed(lease.seq, seq);
    proto::store_relaxed(lease.noticed_ticks, noticed_ticks);
    proto::store_relaxed(lease.leased_ticks, os::now_ticks());
    return HoldResult::held;
}

// No lease keeps the driver away, so the copy counts only if the slot was not claimed meanwhile: a
// load that saw a word of a later record makes the fence see that record's WRITING, or what came
// after it, and a record that came after it has another seq.
bool MemorySlots::peek(std::uint32_t slot, proto::SlotRecord& record) const {
    const proto::SlotRecord& shared = ring_.shared().records[slot];
    record = {};
    record.state = proto::load_acquire(shared.state);
    record.seq = load_relaxed(shared.seq);
    const bool sane = copy_record(shared, ring_.geometry(), record);
    std::atomic_thread_fence(std::memory_order_acquire);
    return sane && record.state == proto::kSlotPublished &&
           proto::load_acquire(shared.state) == proto::kSlotPublished &&
           load_relaxed(shared.seq) == record.seq;
}

std::variant<FrameMemory> MemorySlots::content(std::uint32_t slot) const {
    return FrameMemory{.bytes = ring_.pixels(slot),
                       .pitch_bytes = ring_.geometry().pitch_bytes,
                       .handle = ring_.slot_region(slot).handle().native(),
                       .offset_bytes = 0};
}

void MemorySlots::let_go(std::uint32_t slot) {
    proto::SlotLease& lease = ring_.shared().leases[slot];
    proto::store_relaxed(lease.released_ticks, os::now_ticks());
    proto::store_release(lease.held, 0);  // after the last read of the pixels
}

}  // namespace pf::host
