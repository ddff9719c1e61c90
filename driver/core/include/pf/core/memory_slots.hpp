// Ring slots that are plain shared memory, handed over by the two words of ring_extension.hpp.
// Bounds come from the geometry and spans frozen by open(), never from the shared words.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/core/attach_error.hpp>
#include <pf/core/frame_publisher.hpp>
#include <pf/core/ring_header.hpp>
#include <pf/core/slot_set.hpp>

namespace pf::core {

class MemorySlot final : public Slot {
public:
    MemorySlot() = default;
    MemorySlot(proto::SlotRecord& record, const proto::SlotLease& lease,
               std::span<std::byte> pixels, const proto::RingGeometry& geometry);

    Acquired acquire() override;  // never abandoned: a dead reader's ring is not used again
    std::uint64_t copy(const Surface& surface, const DamageRegion& region, std::uint32_t first_row,
                       std::uint32_t end_row) override;
    void commit(const FrameInfo& frame) override;
    void release() override;
    std::span<std::byte> pixels() override { return pixels_; }

private:
    proto::SlotRecord* record_ = nullptr;
    const proto::SlotLease* lease_ = nullptr;
    std::span<std::byte> pixels_;
    proto::RingGeometry geometry_{};
    std::uint32_t state_ = proto::kSlotFree;  // ours; the shared word only mirrors it
};

// The delivered objects, mapped.
struct RingMemory {
    std::span<std::byte> header;  // as many bytes as the section has, page-aligned
    std::array<std::span<std::byte>, proto::kRingLen> slots;  // the first ring_len; rest empty
    std::uint32_t ring_len = 0;                               // as delivered
    std::uint32_t generation = 0;                             // as delivered
};

class MemorySlots final : public SlotSet {
public:
    // Everything that must hold before a slot is touched; writes nothing. After `none` the set can
    // be attached, and `header` and `memory` stay mapped as long as it, a claim or a fill job is
    // used.
    AttachError open(const RingHeader& header, const RingMemory& memory);

    const proto::RingGeometry& geometry() const override { return geometry_; }
    Slot& slot(std::uint32_t index) override { return slots_[index]; }
    void free_all() override;
    bool reader_waits() override;
    std::uint32_t consumed_seq() override;
    void report(const WriterTotals& totals) override;

private:
    proto::MemoryRing* ring_ = nullptr;
    proto::RingGeometry geometry_{};
    std::array<MemorySlot, proto::kRingLen> slots_;
};

// Opens `slots` over a delivery and attaches them, or tells its host why they cannot be.
proto::AttachCheck attach_memory(FramePublisher& publisher, MemorySlots& slots,
                                 const RingMemory& memory, Waker& waker, std::uint64_t now_ticks);

}  // namespace pf::core
