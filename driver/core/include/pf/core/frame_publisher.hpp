// Publishes a monitor's frames into the ring that the host delivered. One thread at a time (the
// shell locks). No OS call: the slots come from the shell, time is an argument, the wake-up is
// injected. Ticks are those of the ring (MemoryRing::extension.ticks_per_second).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <pf/core/claim.hpp>
#include <pf/core/damage_history.hpp>
#include <pf/core/header_words.hpp>
#include <pf/core/ring_header.hpp>
#include <pf/core/slot_ledger.hpp>
#include <pf/core/slot_set.hpp>
#include <pf/core/waker.hpp>
#include <pf/proto/frame.hpp>
#include <pf/proto/validate.hpp>

namespace pf::core {

struct PublisherConfig {
    std::uint32_t target_id = 0;
    std::uint32_t luid_low = 0;
    std::int32_t luid_high = 0;
    std::uint32_t protocol_version = 6;  // 2: the header's tails are left alone
};

class FramePublisher {
public:
    explicit FramePublisher(const PublisherConfig& config);
    FramePublisher(const FramePublisher&) = delete;
    FramePublisher& operator=(const FramePublisher&) = delete;

    // A delivered ring, opened: the shell keeps section, slots and waker until detach() or the next
    // attach, and the slots as long as a claim of theirs is drawn into.
    struct Ring {
        const RingHeader& header;  // read once; its section goes on being written
        SlotSet& slots;
        Waker& waker;
        std::uint32_t generation;  // as delivered
    };
    // Lets the old ring go, whatever comes of the new one. Writes the render LUID, then: stale
    // writes nothing more; bind mismatch writes kDriverStatusBindFail with the ring's target; ok
    // the live detail word, then kDriverStatusOpened, and geometry() holds until detach. No header
    // reads as stale.
    proto::AttachCheck attach(const Ring& ring, std::uint64_t now_ticks);
    // The same checks, then kDriverStatusTextureFail with `error_code` (an AttachError, or the
    // shell's own), for a ring whose slots could not be opened. Nothing is attached afterwards.
    proto::AttachCheck attach_failed(const RingHeader& header, std::uint32_t generation,
                                     std::uint32_t error_code);
    // Other slots in the ring that is attached (a texture shell has a new device): open claims end
    // and the next frame is a whole one, but seq goes on, so the reader finds it newer. False, and
    // nothing changes: none is attached, or the slots are of another geometry.
    bool reopen(SlotSet& slots);
    void detach();
    // As detach(), and the ring's host reads that it is finished and is woken: nothing comes into
    // it any more.
    void retire();
    bool attached() const { return slots_ != nullptr; }
    const proto::RingGeometry& geometry() const { return geometry_; }

    // For the frame that the source has now. Counts it as offered. nullopt: nothing is attached, or
    // every slot is leased, being drawn into or abandoned; then the frame is dropped and counted,
    // and what changed with it is added to the next. Never waits.
    std::optional<Claim> claim(const FrameInfo& frame, std::uint64_t now_ticks);
    // Record, state, token, wake-up; only then the books. False: the claim had ended. Claims may be
    // published in any order: a frame's seq and what is told of its damage are given here.
    bool publish(Claim claim, std::uint64_t filled_ticks, std::uint64_t now_ticks);
    // Found abandoned and not reopened since: the reader died with it.
    bool is_abandoned(std::uint32_t slot) const { return slot_use_[slot].abandoned; }

    // A frame of another size or format: counted as offered and mismatched, not published.
    void count_mismatch(std::uint64_t now_ticks);
    // The loop of this monitor turned; keeps the heartbeat words fresh.
    void heartbeat(std::uint64_t now_ticks);
    // proto::kHealth*. Holds over attaches; a publish makes it active.
    void set_health(std::uint32_t health_state);
    // What the monitor shows now: proto::pack_source_size(), kSourceSwitchedOff or kSourceUnknown.
    // Holds over attaches. Wakes the host when that is news.
    void set_source_size(std::uint64_t source_size);
    // Something beside the frames is new (the pointer): a reader that waits looks again.
    void wake_reader();

private:
    friend class Claim;

    // Writes the render LUID and decides.
    proto::AttachCheck meet(const RingHeader& header, std::uint32_t generation);
    void use(SlotSet& slots);
    void start_over(std::uint64_t now_ticks);
    void offer(std::uint64_t now_ticks);
    std::optional<std::uint32_t> acquire();
    bool is_open(const Claim& claim) const;
    void end(const Claim& claim);  // without a frame
    void choose_base();
    void prepare(Claim::Content& claim) const;
    void keep_books(const Claim::Content& claim, bool woken, std::uint64_t now_ticks);
    void tell();

    struct SlotUse {
        std::uint64_t claim_id = 0;  // 0: no open claim
        bool abandoned = false;
    };

    PublisherConfig config_;
    HeaderWords words_;
    SlotSet* slots_ = nullptr;  // null: not attached
    Waker* waker_ = nullptr;
    std::array<SlotUse, proto::kRingLen> slot_use_{};
    std::uint64_t last_claim_id_ = 0;
    SlotLedger ledger_;
    DamageHistory history_;
    std::uint64_t books_ = 0;  // counts every change of ledger_, history_ and base_seq_
    std::uint32_t base_seq_ = 0;
    DamageRegion since_base_;  // up to the newest published frame
    proto::RingGeometry geometry_{};
    std::uint32_t generation_ = 0;
    std::uint32_t seq_ = 0;        // of the newest published frame
    std::uint32_t attach_id_ = 0;  // counts the attaches
    WriterTotals totals_;
    std::uint32_t health_ = proto::kHealthInitializing;
    std::uint64_t source_size_ = proto::kSourceUnknown;
};

}  // namespace pf::core
