// Our extension of the frame plane: slots that are plain memory, damage, timing. It lies in the
// header section at kExtensionOffset and has a magic of its own; a peer that does not know it
// never looks there. The drawing is in docs/ring-extension.md.
//
// Every field has one writer, and no cache line has two: "host" fields and "driver" fields never
// share 64 bytes. There is no read-modify-write on shared memory, and neither side reads its own
// words back: it keeps what it wrote in private memory. A slot changes hands by two single-writer
// words, as with hazard pointers (F is full_fence(), order in brackets):
//   driver  claim    held != 0 -> another slot; state = WRITING; F; held [acquire] != 0 -> state as
//                    it was [release], another slot
//           publish  pixels; record; state = PUBLISHED [release]; latest [release]; F;
//                    waiting [acquire] != 0 -> signal the event
//   host    lease    held = 1; F; state [acquire] != PUBLISHED or seq not the token's -> held = 0
//                    [release], read `latest` again
//           release  the last look at the pixels; held = 0 [release]
//           wait     waiting = 1; F; `latest` [acquire] is new -> take it, else wait; waiting = 0
// Of two sides that fence, at least one sees the other: a slot is never written while it is read,
// and no wake-up is lost. What else both sides keep to, so that nobody starves:
// - The driver claims slots in any order that it likes, but the newest frame's only when all others
//   are leased. A host that loses a slot then finds a newer token; if the token is the same and the
//   slot is WRITING, it looks again within a few milliseconds, wake-up or not.
// - A driver that dropped a frame (all slots leased; no signal tells when one is let go) tries
//   again within a few milliseconds until the newest picture is published.
// - A host leases no slot that it still holds, whatever the token says: that token is a lie.
// - Memory is delivered to one driver process only; after its death the next one gets new
//   sections. Attaching sets every state to FREE before driver_status becomes Opened.
// - Non-temporal stores are followed by a store fence before PUBLISHED: release does not order
// them.
#pragma once

#include <pf/proto/frame.hpp>

namespace pf::proto {

inline constexpr std::uint32_t kExtensionOffset = 4096;       // bytes into the header section
inline constexpr std::uint32_t kExtensionMagic = 0x58524650;  // "PFRX"
inline constexpr std::uint32_t kExtensionVersion = 1;
inline constexpr std::uint32_t kExtensionBytes = 2496;      // sizeof(MemoryRing)
inline constexpr std::uint32_t kHeaderSectionBytes = 8192;  // what a host creates
inline constexpr std::uint32_t kMaxDamageRects = 16;

// SlotRecord::state. "Reading" is the host's word: SlotLease::held.
inline constexpr std::uint32_t kSlotFree = 0;
inline constexpr std::uint32_t kSlotWriting = 1;
inline constexpr std::uint32_t kSlotPublished = 2;

// SlotRecord::flags
inline constexpr std::uint32_t kRecordFullDamage = 1;  // everything changed; no rectangles

// WriterRecord::source_size, beside pack_source_size().
inline constexpr std::uint64_t kSourceUnknown = 0;
inline constexpr std::uint64_t kSourceSwitchedOff = 0xFFFFFFFFFFFFFFFF;

// Pixels, each 1..kMaxDimension. read_source_size() in validate.hpp is the way back.
constexpr std::uint64_t pack_source_size(std::uint32_t width, std::uint32_t height) {
    return std::uint64_t{height} << 32 | width;
}

// Host, once, before SharedHeader::magic.
struct RingExtension {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint32_t extension_bytes;  // kExtensionBytes of this version
    std::uint32_t slot_count;       // = SharedHeader::ring_len
    std::uint32_t pitch_bytes;      // from one row to the next, in every slot
    std::uint32_t reserved0;
    std::uint64_t slot_bytes;        // pixels in a slot section: at least pitch_bytes * height
    std::uint64_t ticks_per_second;  // of every timestamp in this ring
    std::uint64_t reserved[3];
};

// Host, while it reads.
struct ReaderRecord {
    std::uint32_t waiting;           // non-zero: signal the event after the next publish
    std::uint32_t consumed_seq;      // the newest frame taken
    std::uint32_t early_wake_bytes;  // wish: wake while this much of a copy remains; 0 = after it
    std::uint32_t reserved0;
    std::uint64_t consumed_total;
    std::uint64_t skipped_total;    // published, never taken: a newer one came first
    std::uint64_t heartbeat_ticks;  // last turn of the reader's loop
    std::uint64_t reserved[3];
};

// Driver, while it is attached.
struct WriterRecord {
    std::uint64_t heartbeat_ticks;  // last turn of the driver's loop for this monitor
    std::uint64_t published_total;
    std::uint64_t dropped_total;    // every slot was leased
    std::uint64_t signalled_total;  // wake-ups sent
    std::uint64_t copied_bytes_total;
    // What the monitor shows now, whatever size the ring has: frames come while the two are equal.
    // Somebody beside this driver and this host may change it or switch it off.
    std::uint64_t source_size;
    std::uint64_t reserved[2];
};

// Host, one a slot.
struct SlotLease {
    std::uint32_t held;            // non-zero: the driver must not write the slot
    std::uint32_t seq;             // of the frame last leased from this slot
    std::uint64_t noticed_ticks;   // the reader saw the token
    std::uint64_t leased_ticks;    // the reader holds the slot
    std::uint64_t released_ticks;  // the last holder let go
    std::uint64_t reserved[4];
};

// Pixels, inside the frame.
struct DamageRect {
    std::uint32_t x;
    std::uint32_t y;
    std::uint32_t width;
    std::uint32_t height;
};

// Driver, one a slot. Everything but `state` is written while state is WRITING.
struct SlotRecord {
    std::uint32_t state;            // kSlot*, release
    std::uint32_t seq;              // as in the token
    std::uint32_t flags;            // kRecord*
    std::uint32_t damage_count;     // 0..kMaxDamageRects
    std::uint64_t source_sequence;  // the source's own count of its frames
    std::uint64_t present_ticks;    // the source composed the frame
    std::uint64_t claimed_ticks;    // the driver took the slot
    std::uint64_t filled_ticks;     // the pixels are in the slot
    std::uint64_t published_ticks;  // just before `latest` was stored
    // The rectangles hold all that changed after this frame; 0 with kRecordFullDamage. A reader
    // whose last frame is older takes the whole frame as changed (damage_covers() in validate.hpp).
    std::uint32_t damage_base_seq;
    std::uint32_t reserved0;
    DamageRect damage[16];
};

// All of it, at kExtensionOffset.
struct MemoryRing {
    RingExtension extension;
    ReaderRecord reader;
    WriterRecord writer;
    SlotLease leases[6];
    SlotRecord records[6];
};

inline constexpr ConstantPin kRingExtensionConstants[] = {
    PF_PROTO_CONSTANT(kExtensionOffset, std::uint32_t, 4096),
    PF_PROTO_CONSTANT(kExtensionMagic, std::uint32_t, 0x58524650),
    PF_PROTO_CONSTANT(kExtensionVersion, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kExtensionBytes, std::uint32_t, 2496),
    PF_PROTO_CONSTANT(kHeaderSectionBytes, std::uint32_t, 8192),
    PF_PROTO_CONSTANT(kMaxDamageRects, std::uint32_t, 16),
    PF_PROTO_CONSTANT(kSlotFree, std::uint32_t, 0),
    PF_PROTO_CONSTANT(kSlotWriting, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kSlotPublished, std::uint32_t, 2),
    PF_PROTO_CONSTANT(kRecordFullDamage, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kSourceUnknown, std::uint64_t, 0),
    PF_PROTO_CONSTANT(kSourceSwitchedOff, std::uint64_t, 0xFFFFFFFFFFFFFFFF),
};
static_assert(abi::count(kRingExtensionConstants) == 12);
static_assert(pack_source_size(0x1234, 0x5678) == 0x0000567800001234);

PF_PROTO_LAYOUT(RingExtension, 64, 8, PF_PROTO_FIELD(RingExtension, std::uint32_t, magic, 0),
                PF_PROTO_FIELD(RingExtension, std::uint32_t, version, 4),
                PF_PROTO_FIELD(RingExtension, std::uint32_t, extension_bytes, 8),
                PF_PROTO_FIELD(RingExtension, std::uint32_t, slot_count, 12),
                PF_PROTO_FIELD(RingExtension, std::uint32_t, pitch_bytes, 16),
                PF_PROTO_FIELD(RingExtension, std::uint32_t, reserved0, 20),
                PF_PROTO_FIELD(RingExtension, std::uint64_t, slot_bytes, 24),
                PF_PROTO_FIELD(RingExtension, std::uint64_t, ticks_per_second, 32),
                PF_PROTO_FIELD(RingExtension, std::uint64_t[3], reserved, 40));
PF_PROTO_LAYOUT(ReaderRecord, 64, 8, PF_PROTO_FIELD(ReaderRecord, std::uint32_t, waiting, 0),
                PF_PROTO_FIELD(ReaderRecord, std::uint32_t, consumed_seq, 4),
                PF_PROTO_FIELD(ReaderRecord, std::uint32_t, early_wake_bytes, 8),
                PF_PROTO_FIELD(ReaderRecord, std::uint32_t, reserved0, 12),
                PF_PROTO_FIELD(ReaderRecord, std::uint64_t, consumed_total, 16),
                PF_PROTO_FIELD(ReaderRecord, std::uint64_t, skipped_total, 24),
                PF_PROTO_FIELD(ReaderRecord, std::uint64_t, heartbeat_ticks, 32),
                PF_PROTO_FIELD(ReaderRecord, std::uint64_t[3], reserved, 40));
PF_PROTO_LAYOUT(WriterRecord, 64, 8,
                PF_PROTO_FIELD(WriterRecord, std::uint64_t, heartbeat_ticks, 0),
                PF_PROTO_FIELD(WriterRecord, std::uint64_t, published_total, 8),
                PF_PROTO_FIELD(WriterRecord, std::uint64_t, dropped_total, 16),
                PF_PROTO_FIELD(WriterRecord, std::uint64_t, signalled_total, 24),
                PF_PROTO_FIELD(WriterRecord, std::uint64_t, copied_bytes_total, 32),
                PF_PROTO_FIELD(WriterRecord, std::uint64_t, source_size, 40),
                PF_PROTO_FIELD(WriterRecord, std::uint64_t[2], reserved, 48));
PF_PROTO_LAYOUT(SlotLease, 64, 8, PF_PROTO_FIELD(SlotLease, std::uint32_t, held, 0),
                PF_PROTO_FIELD(SlotLease, std::uint32_t, seq, 4),
                PF_PROTO_FIELD(SlotLease, std::uint64_t, noticed_ticks, 8),
                PF_PROTO_FIELD(SlotLease, std::uint64_t, leased_ticks, 16),
                PF_PROTO_FIELD(SlotLease, std::uint64_t, released_ticks, 24),
                PF_PROTO_FIELD(SlotLease, std::uint64_t[4], reserved, 32));
PF_PROTO_LAYOUT(DamageRect, 16, 4, PF_PROTO_FIELD(DamageRect, std::uint32_t, x, 0),
                PF_PROTO_FIELD(DamageRect, std::uint32_t, y, 4),
                PF_PROTO_FIELD(DamageRect, std::uint32_t, width, 8),
                PF_PROTO_FIELD(DamageRect, std::uint32_t, height, 12));
PF_PROTO_LAYOUT(SlotRecord, 320, 8, PF_PROTO_FIELD(SlotRecord, std::uint32_t, state, 0),
                PF_PROTO_FIELD(SlotRecord, std::uint32_t, seq, 4),
                PF_PROTO_FIELD(SlotRecord, std::uint32_t, flags, 8),
                PF_PROTO_FIELD(SlotRecord, std::uint32_t, damage_count, 12),
                PF_PROTO_FIELD(SlotRecord, std::uint64_t, source_sequence, 16),
                PF_PROTO_FIELD(SlotRecord, std::uint64_t, present_ticks, 24),
                PF_PROTO_FIELD(SlotRecord, std::uint64_t, claimed_ticks, 32),
                PF_PROTO_FIELD(SlotRecord, std::uint64_t, filled_ticks, 40),
                PF_PROTO_FIELD(SlotRecord, std::uint64_t, published_ticks, 48),
                PF_PROTO_FIELD(SlotRecord, std::uint32_t, damage_base_seq, 56),
                PF_PROTO_FIELD(SlotRecord, std::uint32_t, reserved0, 60),
                PF_PROTO_FIELD(SlotRecord, DamageRect[16], damage, 64));
PF_PROTO_LAYOUT(MemoryRing, 2496, 8, PF_PROTO_FIELD(MemoryRing, RingExtension, extension, 0),
                PF_PROTO_FIELD(MemoryRing, ReaderRecord, reader, 64),
                PF_PROTO_FIELD(MemoryRing, WriterRecord, writer, 128),
                PF_PROTO_FIELD(MemoryRing, SlotLease[6], leases, 192),
                PF_PROTO_FIELD(MemoryRing, SlotRecord[6], records, 576));

static_assert(kExtensionBytes == sizeof(MemoryRing));
static_assert(kExtensionOffset + kExtensionBytes <= kHeaderSectionBytes);

// One writer a cache line: each part starts on one and fills whole ones.
static_assert(kExtensionOffset % 64 == 0);
static_assert(sizeof(RingExtension) % 64 == 0 && sizeof(ReaderRecord) % 64 == 0 &&
              sizeof(WriterRecord) % 64 == 0 && sizeof(SlotLease) % 64 == 0 &&
              sizeof(SlotRecord) % 64 == 0);
static_assert(offsetof(MemoryRing, reader) % 64 == 0 && offsetof(MemoryRing, writer) % 64 == 0 &&
              offsetof(MemoryRing, leases) % 64 == 0 && offsetof(MemoryRing, records) % 64 == 0);

}  // namespace pf::proto
