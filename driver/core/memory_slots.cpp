#include <pf/core/memory_slots.hpp>

#include <pf/core/copy_rects.hpp>
#include <pf/proto/shared_access.hpp>

namespace pf::core {

using proto::load_acquire;
using proto::load_relaxed;
using proto::store_relaxed;
using proto::store_release;

MemorySlots::MemorySlots() = default;

void MemorySlots::open(proto::MemoryRing& ring, const proto::RingGeometry& geometry,
                       const std::array<std::span<std::byte>, proto::kRingLen>& slots) {
    ring_ = &ring;
    geometry_ = geometry;
    slots_ = slots;
    for (std::uint32_t i = 0; i < geometry_.ring_len; ++i) {
        release(i);
    }
}

void MemorySlots::close() {
    ring_ = nullptr;
    slots_ = {};
}

// The hand-over of ring_extension.hpp. The acquire load of a zero pairs with the reader's release
// of it, so its reads of the pixels lie before our writes.
bool MemorySlots::acquire(std::uint32_t slot) {
    const std::uint32_t& held = ring_->leases[slot].held;
    std::uint32_t& state = ring_->records[slot].state;
    if (load_acquire(held) != 0) {
        return false;
    }
    store_relaxed(state, proto::kSlotWriting);
    proto::full_fence();
    if (load_acquire(held) != 0) {
        store_release(state, state_[slot]);  // content and record are untouched
        return false;
    }
    state_[slot] = proto::kSlotWriting;
    return true;
}

std::uint64_t MemorySlots::fill(std::uint32_t slot, const Surface& surface,
                                const DamageRegion& region) {
    const CopyTarget to{slots_[slot].data(), geometry_.pitch_bytes};
    const CopySource from{surface.pixels, surface.pitch_bytes, geometry_.width, geometry_.height,
                          proto::bytes_per_pixel(geometry_.dxgi_format)};
    return copy_rects(to, from, region, 0, geometry_.height);
}

void MemorySlots::commit(std::uint32_t slot, const FrameRecord& record) {
    proto::SlotRecord& out = ring_->records[slot];
    const bool full = record.damage.is_full();
    const auto rects = record.damage.rects();
    store_relaxed(out.seq, record.seq);
    store_relaxed(out.flags, full ? proto::kRecordFullDamage : 0);
    store_relaxed(out.damage_count, static_cast<std::uint32_t>(rects.size()));
    store_relaxed(out.damage_base_seq, full ? 0 : record.damage_base_seq);
    store_relaxed(out.source_sequence, record.source_sequence);
    store_relaxed(out.present_ticks, record.present_ticks);
    store_relaxed(out.claimed_ticks, record.claimed_ticks);
    store_relaxed(out.filled_ticks, record.filled_ticks);
    store_relaxed(out.published_ticks, record.published_ticks);
    for (std::size_t i = 0; i < rects.size(); ++i) {
        store_relaxed(out.damage[i].x, rects[i].x);
        store_relaxed(out.damage[i].y, rects[i].y);
        store_relaxed(out.damage[i].width, rects[i].width);
        store_relaxed(out.damage[i].height, rects[i].height);
    }
    state_[slot] = proto::kSlotPublished;
    store_release(out.state, proto::kSlotPublished);
}

void MemorySlots::release(std::uint32_t slot) {
    state_[slot] = proto::kSlotFree;
    store_release(ring_->records[slot].state, proto::kSlotFree);
}

// The fence orders the store of the token before this load, as the reader's orders its store of
// `waiting` before its load of the token: one of the two sees the other, no wake-up is lost.
bool MemorySlots::reader_waits() {
    proto::full_fence();
    return load_relaxed(ring_->reader.waiting) != 0;
}

void MemorySlots::report(const WriterTotals& totals) {
    proto::WriterRecord& out = ring_->writer;
    store_relaxed(out.heartbeat_ticks, totals.heartbeat_ticks);
    store_relaxed(out.published_total, totals.published);
    store_relaxed(out.dropped_total, totals.dropped);
    store_relaxed(out.signalled_total, totals.signalled);
    store_relaxed(out.copied_bytes_total, totals.copied_bytes);
    store_relaxed(out.source_size, totals.source_size);
}

std::span<std::byte> MemorySlots::pixels(std::uint32_t slot) {
    return slots_[slot].first(std::size_t{geometry_.pitch_bytes} * geometry_.height);
}

}  // namespace pf::core
