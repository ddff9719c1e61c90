// The consuming side of a ring. Several readers of one host share a frame without copying it: the
// slot is held from the first lease to the last, counted in memory of our own. The driver may
// write anything into the shared memory at any time; it costs frames, never more.
// Thread-safe; a ReadPosition belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <pf/host/frame.hpp>
#include <pf/os/event.hpp>
#include <pf/os/wait.hpp>

#include "capture/frame_ring.hpp"
#include "capture/slot_source.hpp"

namespace pf::host {

// One consumer's position in the ring, and its own account of it.
struct ReadPosition {
    std::uint32_t last_seq = 0;
    bool any_taken = false;
    std::uint32_t joined_after = 0;  // what came up to this frame was not for this position
    std::uint64_t seen_word = 0;     // the last value of `latest` that was looked at
    std::uint64_t refused_word = 0;  // one that was wrong, so that it counts once
    std::uint64_t frames = 0;
    std::uint64_t skipped = 0;
    std::uint64_t stale = 0;
    std::uint64_t rejected = 0;
    os::Event wake;  // ends a wait of this position; also for a second and later waiter
};

enum class Take {
    frame,
    nothing,    // no frame that this position has not seen
    contended,  // the newest slot is being written or given back, or there is no memory for a
                // frame just now: look again in a moment
};

// What the driver tells of itself, read once.
struct DriverWords {
    std::uint32_t status = 0;
    std::uint32_t detail = 0;
    bool dead = false;            // it says that this ring is finished
    std::uint64_t heartbeat = 0;  // 0: none so far; only ever compared with an earlier one
    std::uint64_t dropped = 0;
    proto::SourceSize source{};  // what the monitor shows now, whatever the ring's size is
};

class RingReader : public std::enable_shared_from_this<RingReader> {
public:
    // `interrupt` is an event that nobody else has.
    RingReader(std::unique_ptr<FrameRing> ring, os::Event interrupt);
    // For slots that are no memory.
    RingReader(std::unique_ptr<FrameRing> ring, os::Event interrupt,
               std::unique_ptr<SlotSource> slots);
    static os::Result<std::shared_ptr<RingReader>> create(std::unique_ptr<FrameRing> ring);

    static os::Result<ReadPosition> new_position();
    // For a position that comes to a ring in use: what was published before is not skipped by it.
    void join(ReadPosition& position) const;

    // Throws nothing.
    Take take(ReadPosition& position, Frame& out);

    // Until a token comes that `position` has not looked at, its `wake`, `cancel` or interrupt()
    // ends it, true, or the deadline passes, false. Early returns happen; the caller looks again.
    bool wait(ReadPosition& position, const os::Flag* cancel, std::int64_t deadline_ns);
    // For a position whose owner waits by other means, between attend() and leave(): the driver
    // signals event() for every frame, and where another position took that signal, `wake` is
    // signalled.
    void attend(ReadPosition& position);
    void leave(ReadPosition& position);
    // Takes the event's signal, and has the other places look too.
    void take_signal(const ReadPosition& position);
    const os::Event& event() const { return ring_->event(); }

    // Every wait() that is going on returns. Never blocks, whatever the driver did to the ring's
    // event: that one is not touched.
    void interrupt();

    DriverWords driver_words() const;
    const FrameRing& ring() const { return *ring_; }
    // Before the first take(): nobody else is given the header.
    void drop_header_region() { ring_->drop_header_region(); }

private:
    struct LeaseShare;
    struct LeasedSlot {
        std::uint32_t readers = 0;
        proto::SlotRecord record{};
        std::int64_t noticed_ns = 0;
        std::int64_t leased_ns = 0;
    };

    enum class Lease { ours, moved_on, lie };
    Lease lease(const proto::FrameToken& token, std::int64_t noticed_ns);  // locked
    void let_go(std::uint32_t slot);
    void end_lease(std::uint32_t slot);  // locked
    // Locked; empty, and the lease is ended, when there is no memory for a frame.
    Frame make_frame(const proto::FrameToken& token, const ReadPosition& position);
    std::shared_ptr<LeaseShare> make_share(std::uint32_t slot);
    void note_consumed(ReadPosition& position, std::uint32_t seq);  // locked
    Take refuse(ReadPosition& position, std::uint64_t word, std::uint64_t ReadPosition::*counter);
    std::uint64_t latest() const;
    void wake_others(const os::Event* but);  // locked

    std::unique_ptr<FrameRing> ring_;
    os::Event interrupt_;
    std::unique_ptr<SlotSource> slots_;
    std::mutex mutex_;
    std::array<LeasedSlot, proto::kRingLen> leased_;  // mutex_
    std::uint32_t newest_taken_ = 0;                  // mutex_
    std::uint64_t consumed_total_ = 0;                // mutex_
    std::uint64_t skipped_total_ = 0;                 // mutex_

    // The event wakes one thread: the leader, who wakes the others.
    std::mutex wait_mutex_;
    bool leader_waits_ = false;                // wait_mutex_
    std::vector<const os::Event*> followers_;  // wait_mutex_
    std::vector<const os::Event*> attending_;  // wait_mutex_
};

}  // namespace pf::host
