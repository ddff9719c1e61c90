// One monitor's way out: the publisher, the mapped ring behind it, the cursor channel. The control
// thread attaches and detaches, the source's thread publishes; one lock keeps them apart.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <pf/core/frame_publisher.hpp>
#include <pf/os/event.hpp>
#include <pf/os/shared_memory.hpp>

#include "cursor_publisher.hpp"

namespace pf::hostproc {

// A delivered ring, adopted and mapped. Shared so that a source which handed the slots to
// somebody else (the X server) can finish with them.
struct MappedRing {
    os::Region header_region;
    os::WritableMapping header;
    os::Event event;
    std::vector<os::Region> slot_regions;
    std::vector<os::WritableMapping> slots;
    std::uint64_t id = 0;  // differs for every delivery in this process
};

class MonitorOutput {
public:
    // Fails when the system has no event left to give.
    static os::Result<std::unique_ptr<MonitorOutput>> create(const core::PublisherConfig& config,
                                                             bool hw_cursor);
    // `changed` is an event of its own, nobody else's.
    MonitorOutput(const core::PublisherConfig& config, bool hw_cursor, os::Event changed);

    // Control thread, and detach() the source's too. All take the lock and wake the source. A new
    // ring, also one that does not attach, replaces the old.
    void attach(std::shared_ptr<MappedRing> ring, std::uint32_t generation, std::uint32_t ring_len);
    // The ring's header could be mapped but not all of it can be used: tells the host so.
    void attach_failed(const MappedRing& ring, std::uint32_t generation, std::uint32_t ring_len,
                       std::uint32_t error_code);
    // The ring is finished. A host whose header has the health tail reads so and is woken; any
    // other finds that no frame comes any more.
    void detach();
    void attach_cursor(MappedCursor cursor);
    void set_cursor_forward(bool enable);

    // Source thread: the lock is held for each call of the publisher. Between claim() and publish()
    // it may be let go while a slot is filled; a ring that is replaced meanwhile ends the claim,
    // and then publish() and abandon() do nothing. Who does so keeps ring() for that long.
    std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
    core::FramePublisher& publisher() { return publisher_; }    // locked
    std::shared_ptr<MappedRing> ring() const { return ring_; }  // locked; null: none attached
    // Publishes and signals the host's event when it waits. Locked.
    void publish(const core::FramePublisher::Claim& claim, const core::FrameInfo& info,
                 std::uint64_t filled_ticks);
    // Locked. Kept, so that a channel that comes later starts with the newest pointer.
    void publish_cursor(const CursorState& state);
    // Takes the lock. As FramePublisher::set_source_size(); the host learns of it at once.
    void tell_source_size(std::uint64_t source_size);
    // False: the frames must show the pointer (no hardware cursor asked for, or forward is off).
    bool pointer_excluded() const { return hw_cursor_ && cursor_forward_.load(); }
    // Signalled when the ring, the cursor channel or pointer_excluded() changed: the source
    // publishes a whole frame as soon as its rate allows.
    const os::Event& changed() const { return changed_; }

private:
    const bool hw_cursor_;
    std::atomic<bool> cursor_forward_{true};
    std::mutex mutex_;
    core::FramePublisher publisher_;
    std::shared_ptr<MappedRing> ring_;
    CursorPublisher cursor_;
    os::Event changed_;
};

}  // namespace pf::hostproc
