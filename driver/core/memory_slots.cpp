#include <pf/core/memory_slots.hpp>

#include <pf/core/copy_rects.hpp>
#include <pf/proto/shared_access.hpp>

namespace pf::core {

using proto::load_acquire;
using proto::load_relaxed;
using proto::store_relaxed;
using proto::store_release;

namespace {

bool holds(std::span<std::byte> bytes, std::uint64_t slot_bytes) {
    return bytes.size() >= slot_bytes &&
           reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0;
}

void write_damage(proto::SlotRecord& out, const FrameInfo& frame) {
    const bool full = frame.damage.is_full();
    const auto rects = frame.damage.rects();
    store_relaxed(out.flags, full ? proto::kRecordFullDamage : 0);
    store_relaxed(out.damage_count, static_cast<std::uint32_t>(rects.size()));
    store_relaxed(out.damage_base_seq, full ? 0 : frame.damage_base_seq);
    for (std::size_t i = 0; i < rects.size(); ++i) {
        store_relaxed(out.damage[i].x, rects[i].x);
        store_relaxed(out.damage[i].y, rects[i].y);
        store_relaxed(out.damage[i].width, rects[i].width);
        store_relaxed(out.damage[i].height, rects[i].height);
    }
}

}  // namespace

MemorySlot::MemorySlot(proto::SlotRecord& record, const proto::SlotLease& lease,
                       std::span<std::byte> pixels, const proto::RingGeometry& geometry)
    : record_(&record), lease_(&lease), pixels_(pixels), geometry_(geometry) {}

// The hand-over of ring_extension.hpp. The acquire load of a zero pairs with the reader's release
// of it, so its reads of the pixels lie before our writes.
Acquired MemorySlot::acquire() {
    if (load_acquire(lease_->held) != 0) {
        return Acquired::busy;
    }
    store_relaxed(record_->state, proto::kSlotWriting);
    proto::full_fence();
    if (load_acquire(lease_->held) != 0) {
        store_release(record_->state, state_);  // content and record are untouched
        return Acquired::busy;
    }
    state_ = proto::kSlotWriting;
    return Acquired::ours;
}

std::uint64_t MemorySlot::copy(const Surface& surface, const DamageRegion& region,
                               std::uint32_t first_row, std::uint32_t end_row) {
    const CopyTarget to{pixels_.data(), geometry_.pitch_bytes};
    const CopySource from{surface.pixels, surface.pitch_bytes, geometry_.width, geometry_.height,
                          proto::bytes_per_pixel(geometry_.dxgi_format)};
    return copy_rects(to, from, region, first_row, end_row);
}

void MemorySlot::commit(const FrameInfo& frame) {
    store_relaxed(record_->seq, frame.seq);
    store_relaxed(record_->source_sequence, frame.source_sequence);
    store_relaxed(record_->present_ticks, frame.present_ticks);
    store_relaxed(record_->claimed_ticks, frame.claimed_ticks);
    store_relaxed(record_->filled_ticks, frame.filled_ticks);
    store_relaxed(record_->published_ticks, frame.published_ticks);
    write_damage(*record_, frame);
    state_ = proto::kSlotPublished;
    store_release(record_->state, proto::kSlotPublished);
}

void MemorySlot::release() {
    state_ = proto::kSlotFree;
    store_release(record_->state, proto::kSlotFree);
}

AttachError MemorySlots::open(const RingHeader& header, const RingMemory& memory) {
    if (header.ring == nullptr || header.extension.magic != proto::kExtensionMagic) {
        return AttachError::no_extension;
    }
    if (header.words.ring_len != memory.ring_len) {
        return AttachError::ring_len_differs;
    }
    proto::RingGeometry geometry{};
    if (!proto::read_geometry(header.words, header.extension, geometry)) {
        return AttachError::bad_geometry;
    }
    for (std::uint32_t i = 0; i < geometry.ring_len; ++i) {
        if (!holds(memory.slots[i], geometry.slot_bytes)) {
            return AttachError::slot_too_small;
        }
    }
    ring_ = header.ring;
    geometry_ = geometry;
    const std::size_t frame_bytes = std::size_t{geometry.pitch_bytes} * geometry.height;
    for (std::uint32_t i = 0; i < geometry.ring_len; ++i) {
        slots_[i] = MemorySlot(ring_->records[i], ring_->leases[i],
                               memory.slots[i].first(frame_bytes), geometry);
    }
    return AttachError::none;
}

void MemorySlots::free_all() {
    for (std::uint32_t i = 0; i < geometry_.ring_len; ++i) {
        slots_[i].release();
    }
}

// The fence orders the store of the token before this load, as the reader's orders its store of
// `waiting` before its load of the token: one of the two sees the other, no wake-up is lost.
bool MemorySlots::reader_waits() {
    proto::full_fence();
    return load_relaxed(ring_->reader.waiting) != 0;
}

std::uint32_t MemorySlots::consumed_seq() {
    return load_relaxed(ring_->reader.consumed_seq);
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

proto::AttachCheck attach_memory(FramePublisher& publisher, MemorySlots& slots,
                                 const RingMemory& memory, Waker& waker, std::uint64_t now_ticks) {
    publisher.detach();  // `slots` may be the ones that are attached
    const RingHeader header = RingHeader::read(memory.header);
    const AttachError error = slots.open(header, memory);
    if (error != AttachError::none) {
        return publisher.attach_failed(header, memory.generation,
                                       static_cast<std::uint32_t>(error));
    }
    return publisher.attach({header, slots, waker, memory.generation}, now_ticks);
}

}  // namespace pf::core
