// Publishes a monitor's frames into the ring that the host delivered. One thread at a time (the
// shell locks). No OS call: memory is mapped by the shell, time is an argument, the wake-up is
// the shell's. Ticks are those of the ring (MemoryRing::extension.ticks_per_second).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <pf/core/attach_error.hpp>
#include <pf/core/damage_region.hpp>
#include <pf/core/header_words.hpp>
#include <pf/core/memory_slots.hpp>
#include <pf/core/slot_ledger.hpp>
#include <pf/core/surface.hpp>
#include <pf/proto/frame.hpp>
#include <pf/proto/validate.hpp>

namespace pf::core {

// The delivered objects, mapped; the shell keeps them mapped until detach() or the next attach().
struct RingMemory {
    std::span<std::byte> header;  // as many bytes as the section has, page-aligned
    std::array<std::span<std::byte>, proto::kRingLen> slots;  // the first ring_len; rest empty
    std::uint32_t ring_len = 0;                               // as delivered
    std::uint32_t generation = 0;                             // as delivered
};

struct PublisherConfig {
    std::uint32_t target_id = 0;
    std::uint32_t luid_low = 0;
    std::int32_t luid_high = 0;
    std::uint32_t protocol_version = 6;  // 2: the header's tails are left alone
};

struct FrameInfo {
    std::uint64_t source_sequence = 0;
    std::uint64_t present_ticks = 0;
    // What changed since the source's previous frame. When that one was not published (claim()
    // gave nothing, abandon(), count_mismatch()) the publisher takes this one as wholly changed.
    DamageRegion damage;
};

class FramePublisher {
public:
    explicit FramePublisher(const PublisherConfig& config);
    FramePublisher(const FramePublisher&) = delete;
    FramePublisher& operator=(const FramePublisher&) = delete;

    // Lets the old ring go, whatever comes of the new one. Reads the header once, writes the render
    // LUID, then: stale writes nothing more; bind mismatch writes kDriverStatusBindFail with the
    // ring's target; a ring that cannot be opened kDriverStatusTextureFail with an AttachError;
    // success the live detail word, then kDriverStatusOpened. After ok, attached() says whether it
    // was opened, and geometry() holds until detach. A header below 64 bytes reads as stale.
    proto::AttachCheck attach(const RingMemory& memory, std::uint64_t now_ticks);
    // The same checks, then kDriverStatusTextureFail with the shell's error, for a ring whose
    // slots the shell could not open. Nothing is attached afterwards.
    void attach_failed(const RingMemory& memory, std::uint32_t error_code);
    void detach();
    // As detach(), and the ring's host reads that it is finished: nothing comes into it any more.
    void retire();
    bool attached() const { return slots_ != nullptr; }
    const proto::RingGeometry& geometry() const { return geometry_; }

    // The right to write a slot; only the publisher's own words are trusted for its bounds. Ends
    // with publish() or abandon(), with the next claim(), attach() or detach().
    struct Claim {
        std::uint32_t slot = 0;
        std::span<std::byte> pixels;  // pitch_bytes * height; empty for slots that are no memory
        std::uint32_t pitch_bytes = 0;
        DamageRegion stale;  // what this slot lacks of the newest published frame
        std::uint64_t claimed_ticks = 0;
        std::uint32_t attach_id = 0;
    };
    // Counts the frame as offered. nullopt: every slot is leased (the frame is dropped and
    // counted), or nothing is attached. Never waits.
    std::optional<Claim> claim(std::uint64_t now_ticks);
    // Copies stale + info.damage from the surface. False, and nothing copied, when the surface
    // does not match geometry() or the claim has ended.
    bool fill(const Claim& claim, const Surface& surface, const FrameInfo& info);
    // Record, state, token. True: signal the ring's event now.
    bool publish(const Claim& claim, const FrameInfo& info, std::uint64_t filled_ticks,
                 std::uint64_t now_ticks);
    // Gives the slot back unpublished.
    void abandon(const Claim& claim);

    // Whether a surface has the ring's size and format, and at least tight rows.
    bool matches(const Surface& surface) const;
    // A frame of another size or format: counted as offered and mismatched, not published.
    void count_mismatch(std::uint64_t now_ticks);
    // The loop of this monitor turned; keeps the heartbeat words fresh.
    void heartbeat(std::uint64_t now_ticks);
    // proto::kHealth*. Holds over attaches; a publish makes it active.
    void set_health(std::uint32_t health_state);
    // What the monitor shows now: proto::pack_source_size(), kSourceSwitchedOff or kSourceUnknown.
    // Holds over attaches. True: signal the ring's event now, the host has something to learn.
    bool set_source_size(std::uint64_t source_size);

private:
    // Writes the render LUID and decides; `header` is what was read.
    proto::AttachCheck meet(const RingMemory& memory, proto::SharedHeader& header);
    AttachError open(const RingMemory& memory, const proto::SharedHeader& header);
    void offer(std::uint64_t now_ticks);
    bool is_open(const Claim& claim) const;
    void drop();
    void end_claim();

    PublisherConfig config_;
    HeaderWords words_;
    MemorySlots memory_slots_;
    RingSlots* slots_ = nullptr;  // null: not attached
    SlotLedger ledger_;
    proto::RingGeometry geometry_{};
    std::uint32_t generation_ = 0;
    std::uint32_t seq_ = 0;  // of the newest published frame
    std::uint32_t attach_id_ = 0;
    std::optional<std::uint32_t> claimed_slot_;
    WriterTotals totals_;
    std::uint64_t offered_ = 0;
    std::uint64_t mismatched_ = 0;
    std::uint32_t health_ = proto::kHealthInitializing;
    std::uint64_t source_size_ = proto::kSourceUnknown;
};

}  // namespace pf::core
