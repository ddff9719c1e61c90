// The slots of one ring as the publisher sees them. The shell makes them from a delivery and hands
// them to FramePublisher::attach(), which never knows what they are: plain memory
// (memory_slots.hpp), textures behind keyed mutexes, buffers of a compositor. A slot is the same
// object, under the same number, as long as its set is attached. Calls are serialised with the
// publisher's, but for Slot::copy() and Slot::pixels().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/core/frame_info.hpp>
#include <pf/core/surface.hpp>
#include <pf/proto/validate.hpp>

namespace pf::core {

enum class Acquired {
    ours,       // until commit() or release()
    busy,       // a reader holds it
    abandoned,  // its reader died with it: of no use until the slots are reopened
};

class Slot {
public:
    // The right to write. Never waits.
    virtual Acquired acquire() = 0;
    // Acquired. Copies the part of `region` in rows [first_row, end_row) of a surface that matches
    // the ring; returns the bytes moved. Without the publisher's lock.
    virtual std::uint64_t copy(const Surface& surface, const DamageRegion& region,
                               std::uint32_t first_row, std::uint32_t end_row) = 0;
    // Acquired: the record, then readable.
    virtual void commit(const FrameInfo& frame) = 0;
    // Acquired: free again, and no frame.
    virtual void release() = 0;
    // Where a source may draw itself, pitch_bytes * height; empty when there is no such memory.
    virtual std::span<std::byte> pixels() = 0;

protected:
    ~Slot() = default;
};

// What the driver tells of a ring, counted since the attach. The one value that both homes on the
// wire are written from: the header's tails, for hosts of the public protocol, and what the slots
// have of their own.
struct WriterTotals {
    std::uint64_t heartbeat_ticks = 0;
    std::uint64_t last_offer_ticks = 0;
    std::uint64_t last_publish_ticks = 0;
    std::uint64_t offered = 0;
    std::uint64_t mismatched = 0;  // of another size or format
    std::uint64_t published = 0;
    std::uint64_t dropped = 0;  // no slot was to be had
    std::uint64_t signalled = 0;
    std::uint64_t copied_bytes = 0;
    std::uint64_t source_size = proto::kSourceUnknown;
};

class SlotSet {
public:
    // Valid (proto::valid_geometry; a set that is no memory says tight rows), frozen.
    virtual const proto::RingGeometry& geometry() const = 0;
    // `index` is below geometry().ring_len.
    virtual Slot& slot(std::uint32_t index) = 0;
    // Every slot is free, and holds no frame: the ring is attached or reopened.
    virtual void free_all() = 0;
    // After the token was stored: must the reader be woken?
    virtual bool reader_waits() = 0;
    // The newest frame that the reader says it took: a hint, any value.
    virtual std::uint32_t consumed_seq() = 0;
    virtual void report(const WriterTotals& totals) = 0;

protected:
    ~SlotSet() = default;
};

}  // namespace pf::core
