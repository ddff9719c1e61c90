#include "monitor_output.hpp"

#include <algorithm>

#include <pf/os/clock.hpp>

namespace pf::driver {
namespace {

core::RingMemory memory_of(const MappedRing& ring, std::uint32_t generation,
                           std::uint32_t ring_len) {
    core::RingMemory memory;
    memory.header = ring.header.bytes();
    memory.ring_len = ring_len;
    memory.generation = generation;
    for (std::size_t i = 0; i < ring.slots.size() && i < memory.slots.size(); ++i) {
        memory.slots[i] = ring.slots[i].bytes();
    }
    return memory;
}

bool fits(const proto::RingGeometry& ring, const MonitorOutput::Offer& offer) {
    return ring.width == offer.width && ring.height == offer.height &&
           std::find(offer.formats.begin(), offer.formats.end(), ring.dxgi_format) !=
               offer.formats.end();
}

}  // namespace

Drawing::~Drawing() {
    if (ring_ != nullptr && claim_) {
        output_->give_back(claim_);
    }
}

void Drawing::publish() {
    output_->publish(std::move(*claim_));
    claim_.reset();
}

os::Result<std::unique_ptr<MonitorOutput>> MonitorOutput::create(
    const core::PublisherConfig& config, bool hw_cursor) {
    auto changed = os::Event::create();
    if (!changed) {
        return tl::unexpected(changed.error());
    }
    return std::make_unique<MonitorOutput>(config, hw_cursor, std::move(*changed));
}

MonitorOutput::MonitorOutput(const core::PublisherConfig& config, bool hw_cursor, os::Event changed)
    : hw_cursor_(hw_cursor), publisher_(config), changed_(std::move(changed)) {}

void MonitorOutput::attach(std::shared_ptr<MappedRing> ring, std::uint32_t generation,
                           std::uint32_t ring_len) {
    {
        const std::lock_guard locked(mutex_);
        publisher_.detach();  // before the old ring's memory goes
        core::attach_memory(publisher_, ring->slot_set, memory_of(*ring, generation, ring_len),
                            *ring, os::now_ticks());
        ring_ = publisher_.attached() ? std::move(ring) : nullptr;
        shown_ = false;
    }
    changed_.signal();
}

void MonitorOutput::attach_failed(const MappedRing& ring, std::uint32_t generation, std::uint32_t,
                                  std::uint32_t error_code) {
    {
        const std::lock_guard locked(mutex_);
        publisher_.attach_failed(core::RingHeader::read(ring.header.bytes()), generation,
                                 error_code);
        ring_ = nullptr;
    }
    changed_.signal();
}

void MonitorOutput::detach() {
    {
        const std::lock_guard locked(mutex_);
        publisher_.retire();
        ring_ = nullptr;
    }
    changed_.signal();
}

void MonitorOutput::attach_cursor(MappedCursor cursor) {
    {
        const std::lock_guard locked(mutex_);
        cursor_.attach(std::move(cursor));
    }
    changed_.signal();
}

void MonitorOutput::set_cursor_forward(bool enable) {
    cursor_forward_ = enable;
    changed_.signal();
}

tl::expected<Drawing, NoDrawing> MonitorOutput::draw(const Offer& offer) {
    const std::lock_guard locked(mutex_);
    publisher_.heartbeat(os::now_ticks());
    if (ring_ == nullptr) {
        return tl::unexpected(NoDrawing::no_ring);
    }
    if (!fits(publisher_.geometry(), offer)) {
        publisher_.count_mismatch(os::now_ticks());
        return tl::unexpected(NoDrawing::other_size);
    }
    auto claim = publisher_.claim(offer.frame, os::now_ticks());
    if (!claim) {
        return tl::unexpected(NoDrawing::no_slot);
    }
    return Drawing(*this, ring_, publisher_.geometry(), std::move(*claim));
}

void MonitorOutput::publish(core::Claim claim) {
    const std::uint64_t filled_ticks = os::now_ticks();
    const std::lock_guard locked(mutex_);
    shown_ |= publisher_.publish(std::move(claim), filled_ticks, os::now_ticks());
}

void MonitorOutput::give_back(std::optional<core::Claim>& claim) {
    const std::lock_guard locked(mutex_);
    claim.reset();
}

bool MonitorOutput::awaits_first_frame() {
    const std::lock_guard locked(mutex_);
    return ring_ != nullptr && !shown_;
}

void MonitorOutput::heartbeat() {
    const std::lock_guard locked(mutex_);
    publisher_.heartbeat(os::now_ticks());
}

void MonitorOutput::set_health(std::uint32_t health_state) {
    const std::lock_guard locked(mutex_);
    publisher_.set_health(health_state);
}

void MonitorOutput::tell_source_size(std::uint64_t source_size) {
    const std::lock_guard locked(mutex_);
    publisher_.set_source_size(source_size);
}

void MonitorOutput::publish_cursor(const CursorState& state) {
    const std::lock_guard locked(mutex_);
    if (cursor_.publish(state)) {
        publisher_.wake_reader();
    }
}

bool MonitorOutput::attached() {
    const std::lock_guard locked(mutex_);
    return ring_ != nullptr;
}

}  // namespace pf::driver
