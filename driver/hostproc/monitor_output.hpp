// One monitor's way out: the publisher, the mapped ring behind it, the cursor channel. The control
// thread attaches and detaches, the source's thread publishes; both lock().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <pf/core/frame_publisher.hpp>
#include <pf/os/event.hpp>
#include <pf/os/shared_memory.hpp>

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

// A delivered cursor section, adopted (>= proto::kCursorSectionBytes) and mapped.
struct MappedCursor {
    os::Region region;
    os::WritableMapping mapping;
};

// The pointer, as a source tells it. Pixels are BGRA, premultiplied.
struct CursorState {
    bool visible = false;
    std::int32_t x = 0, y = 0;  // top-left, pixels of this monitor
    std::uint32_t hot_x = 0, hot_y = 0;
    std::uint32_t width = 0, height = 0;       // at most 256
    const std::uint32_t* pixels = nullptr;     // width * height; null: the shape did not change
};

class MonitorOutput {
public:
    explicit MonitorOutput(const core::PublisherConfig& config, bool hw_cursor);

    // Control thread. Both wake the source.
    void attach(std::shared_ptr<MappedRing> ring, std::uint32_t generation, std::uint32_t ring_len);
    void detach();
    void attach_cursor(MappedCursor cursor);
    void set_cursor_forward(bool enable);

    // Source thread: hold the lock from claim to publish.
    std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
    core::FramePublisher& publisher() { return publisher_; }  // locked
    std::shared_ptr<MappedRing> ring() const;                 // locked; null: none attached
    // Publishes and signals the host's event when it waits. Locked.
    void publish(const core::FramePublisher::Claim& claim, const core::FrameInfo& info,
                 std::uint64_t filled_ticks);
    void publish_cursor(const CursorState& state);            // locked; no-op without a channel
    // False: the frames must show the pointer (no hardware cursor asked for, or forward is off).
    bool pointer_excluded() const;
    // Signalled when the ring or the cursor channel changed: publish a whole frame at once.
    const os::Event& changed() const { return changed_; }

private:
    mutable std::mutex mutex_;
    core::FramePublisher publisher_;
    std::shared_ptr<MappedRing> ring_;
    os::Event changed_;
};

}  // namespace pf::hostproc
