// The slots of one attached ring as the publisher sees them: take one, fill it from a surface,
// make it readable or give it back. Memory slots (memory_slots.hpp) are one kind, textures behind
// keyed mutexes another; the publisher never holds a pointer into either. Not owned by the
// publisher; one thread at a time. Slot numbers are below the ring's length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/core/damage_region.hpp>
#include <pf/core/surface.hpp>
#include <pf/proto/ring_extension.hpp>

namespace pf::core {

// What a reader is told about a frame, beside its pixels.
struct FrameRecord {
    std::uint32_t seq = 0;
    std::uint32_t damage_base_seq = 0;  // no meaning when `damage` is full
    std::uint64_t source_sequence = 0;
    std::uint64_t present_ticks = 0;
    std::uint64_t claimed_ticks = 0;
    std::uint64_t filled_ticks = 0;
    std::uint64_t published_ticks = 0;
    DamageRegion damage;  // clipped to the frame
};

// Counts since the attach, and what holds at the moment.
struct WriterTotals {
    std::uint64_t heartbeat_ticks = 0;
    std::uint64_t published = 0;
    std::uint64_t dropped = 0;
    std::uint64_t signalled = 0;
    std::uint64_t copied_bytes = 0;
    std::uint64_t source_size = proto::kSourceUnknown;
};

class RingSlots {
public:
    // The right to write, until commit or release. False: a reader holds the slot; never waits.
    virtual bool acquire(std::uint32_t slot) = 0;
    // Acquired. Copies `region` of a surface that matches the ring; returns the bytes moved.
    virtual std::uint64_t fill(std::uint32_t slot, const Surface& surface,
                               const DamageRegion& region) = 0;
    // Acquired: record, then readable.
    virtual void commit(std::uint32_t slot, const FrameRecord& record) = 0;
    // Acquired: free again, and no frame.
    virtual void release(std::uint32_t slot) = 0;
    // After the token was stored: must the reader be woken?
    virtual bool reader_waits() = 0;
    virtual void report(const WriterTotals& totals) = 0;
    // Where a source may draw itself, pitch_bytes * height; empty when there is no such memory.
    virtual std::span<std::byte> pixels(std::uint32_t slot) = 0;

protected:
    ~RingSlots() = default;
};

}  // namespace pf::core
