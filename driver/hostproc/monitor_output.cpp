#include "monitor_output.hpp"

#include <pf/os/clock.hpp>

namespace pf::hostproc {
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

}  // namespace

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
        const auto locked = lock();
        publisher_.detach();  // before the old ring's memory goes
        publisher_.attach(memory_of(*ring, generation, ring_len), os::now_ticks());
        ring_ = publisher_.attached() ? std::move(ring) : nullptr;
    }
    changed_.signal();
}

void MonitorOutput::attach_failed(const MappedRing& ring, std::uint32_t generation,
                                  std::uint32_t ring_len, std::uint32_t error_code) {
    {
        const auto locked = lock();
        publisher_.detach();
        ring_ = nullptr;
        publisher_.attach_failed(memory_of(ring, generation, ring_len), error_code);
    }
    changed_.signal();
}

void MonitorOutput::detach() {
    {
        const auto locked = lock();
        publisher_.retire();
        if (ring_ != nullptr) {
            ring_->event.signal();
        }
        ring_ = nullptr;
    }
    changed_.signal();
}

void MonitorOutput::attach_cursor(MappedCursor cursor) {
    {
        const auto locked = lock();
        cursor_.attach(std::move(cursor));
    }
    changed_.signal();
}

void MonitorOutput::set_cursor_forward(bool enable) {
    cursor_forward_ = enable;
    changed_.signal();
}

void MonitorOutput::publish(const core::FramePublisher::Claim& claim, const core::FrameInfo& info,
                            std::uint64_t filled_ticks) {
    if (publisher_.publish(claim, info, filled_ticks, os::now_ticks()) && ring_) {
        ring_->event.signal();
    }
}

void MonitorOutput::tell_source_size(std::uint64_t source_size) {
    const auto locked = lock();
    if (publisher_.set_source_size(source_size) && ring_) {
        ring_->event.signal();
    }
}

void MonitorOutput::publish_cursor(const CursorState& state) {
    cursor_.publish(state);
}

}  // namespace pf::hostproc
