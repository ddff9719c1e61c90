// One monitor's way out: the publisher, the mapped ring behind it, the cursor channel. The control
// thread attaches and detaches, the source's thread draws; one lock in here keeps them apart.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <tl/expected.hpp>

#include <pf/core/frame_publisher.hpp>
#include <pf/core/memory_slots.hpp>
#include <pf/os/event.hpp>
#include <pf/os/shared_memory.hpp>

#include "cursor_publisher.hpp"

namespace pf::driver {

// A delivered ring, adopted and mapped. Shared so that a source which is drawing into a slot, or
// handed the slots to somebody else (the X server), can finish with them.
struct MappedRing final : core::Waker {
    void wake() override { event.signal(); }

    os::Region header_region;
    os::WritableMapping header;
    os::Event event;
    std::vector<os::Region> slot_regions;
    std::vector<os::WritableMapping> slots;
    core::MemorySlots slot_set;  // over the mappings, once attached
    std::uint64_t id = 0;        // differs for every delivery in this process
};

class MonitorOutput;

// A slot of the ring that a source draws its frame into, from MonitorOutput::draw(). Nobody's lock
// is held meanwhile. Ends with publish(), or gives the slot back; a ring that is replaced meanwhile
// stays mapped until then, and what is drawn into it is not shown. One thread; the output outlives
// it.
class Drawing {
public:
    Drawing(Drawing&& other) noexcept = default;
    Drawing& operator=(Drawing&&) = delete;
    ~Drawing();

    // The same as for the drawing before, or another one has come.
    const std::shared_ptr<MappedRing>& ring() const { return ring_; }
    const proto::RingGeometry& geometry() const { return geometry_; }
    std::uint32_t slot() const { return claim_->slot(); }
    std::span<std::byte> pixels() const { return claim_->pixels(); }  // geometry().pitch_bytes
    // What must be drawn to make the slot the frame that was offered.
    const core::DamageRegion& lacking() const { return claim_->lacking(); }
    // Copies lacking() from a surface of the ring's size and format that shows the whole frame.
    // nullopt: it is of another.
    std::optional<core::FillJob> fill(const core::Surface& surface) {
        return claim_->fill(surface);
    }
    // The frame is in the slot.
    void publish();

private:
    friend class MonitorOutput;
    Drawing(MonitorOutput& output, std::shared_ptr<MappedRing> ring,
            const proto::RingGeometry& geometry, core::Claim claim)
        : output_(&output), ring_(std::move(ring)), geometry_(geometry), claim_(std::move(claim)) {}

    MonitorOutput* output_;
    std::shared_ptr<MappedRing> ring_;  // null: moved from. Outlives the claim
    proto::RingGeometry geometry_;
    std::optional<core::Claim> claim_;
};

// Why there is nothing to draw into.
enum class NoDrawing {
    no_ring,     // none is attached
    other_size,  // the ring's size or format is not the frame's; counted, so that its host knows
    no_slot,     // the reader has them all, for a moment: the frame is owed
};

class MonitorOutput {
public:
    // Fails when the system has no event left to give.
    static os::Result<std::unique_ptr<MonitorOutput>> create(const core::PublisherConfig& config,
                                                             bool hw_cursor);
    // `changed` is an event of its own, nobody else's.
    MonitorOutput(const core::PublisherConfig& config, bool hw_cursor, os::Event changed);

    // Control thread, and detach() the source's too. All wake the source. A new ring, also one that
    // does not attach, replaces the old.
    void attach(std::shared_ptr<MappedRing> ring, std::uint32_t generation, std::uint32_t ring_len);
    // The ring's header could be mapped but not all of it can be used: tells the host so.
    void attach_failed(const MappedRing& ring, std::uint32_t generation, std::uint32_t ring_len,
                       std::uint32_t error_code);
    // The ring is finished. A host whose header has the health tail reads so and is woken; any
    // other finds that no frame comes any more.
    void detach();
    void attach_cursor(MappedCursor cursor);
    void set_cursor_forward(bool enable);

    // Source thread.
    // For the frame that the source has now, `width` x `height`, which it can give in any of
    // `formats` (proto::kFormat*). As FramePublisher::claim(); also a beat of the heart.
    struct Offer {
        std::uint32_t width;
        std::uint32_t height;
        std::span<const std::uint32_t> formats;
        const core::FrameInfo& frame;
    };
    tl::expected<Drawing, NoDrawing> draw(const Offer& offer);
    // Nothing was published into the ring that is attached.
    bool awaits_first_frame();
    // The source's loop turned.
    void heartbeat();
    // As FramePublisher's; the host learns of another size at once.
    void set_health(std::uint32_t health_state);
    void tell_source_size(std::uint64_t source_size);
    // Kept, so that a channel that comes later starts with the newest pointer.
    void publish_cursor(const CursorState& state);

    bool attached();
    // False: the frames must show the pointer (no hardware cursor asked for, or forward is off).
    bool pointer_excluded() const { return hw_cursor_ && cursor_forward_.load(); }
    // Signalled when the ring, the cursor channel or pointer_excluded() changed: the source
    // publishes a whole frame as soon as its rate allows.
    const os::Event& changed() const { return changed_; }

private:
    friend class Drawing;
    void publish(core::Claim claim);
    void give_back(std::optional<core::Claim>& claim);

    const bool hw_cursor_;
    std::atomic<bool> cursor_forward_{true};
    std::mutex mutex_;  // of all below but changed_
    core::FramePublisher publisher_;
    std::shared_ptr<MappedRing> ring_;
    bool shown_ = false;  // a frame was published into it
    CursorPublisher cursor_;
    os::Event changed_;
};

}  // namespace pf::driver
