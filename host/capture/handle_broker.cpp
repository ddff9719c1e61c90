#include "capture/handle_broker.hpp"

#include <pf/os/clock.hpp>

#include "want_of_memory.hpp"

namespace pf::host {
namespace {

// For all values of a batch together: a driver that hangs holds us up once.
constexpr std::int64_t kReapTimeoutNs = os::kSecond;

}  // namespace

HandleBatch::~HandleBatch() {
    const std::int64_t deadline_ns = os::deadline_after(kReapTimeoutNs);
    for (const std::uint64_t value : values_) {
        despite_want_of_memory([&] { (void)driver_.close_remote(value, deadline_ns); });
    }
}

os::Result<std::uint64_t> HandleBatch::give(const os::Handle& handle, os::Right right) {
    values_.reserve(values_.size() + 1);  // nothing can fail between the gift and the note of it
    auto value = driver_.give(handle, right);
    if (value) {
        values_.push_back(*value);
    }
    return value;
}

os::Result<os::Remark> deliver_ring(DriverConnection& driver, const FrameRing& ring) {
    HandleBatch batch(driver);
    const auto header = batch.give(ring.header_region().handle(), os::Right::memory_read_write);
    if (!header) {
        return tl::unexpected(header.error());
    }
    const auto event = batch.give(ring.event().handle(), os::Right::event_signal);
    if (!event) {
        return tl::unexpected(event.error());
    }
    proto::SetFrameChannelRequest request{};
    request.target_id = ring.target_id();
    request.generation = ring.generation();
    request.ring_len = ring.geometry().ring_len;
    request.header_bytes = proto::kHeaderSectionBytes;
    request.header_handle = *header;
    request.event_handle = *event;
    for (std::uint32_t i = 0; i < request.ring_len; ++i) {
        const auto slot = batch.give(ring.slot_region(i).handle(), os::Right::memory_read_write);
        if (!slot) {
            return tl::unexpected(slot.error());
        }
        request.texture_handles[i] = *slot;
    }
    auto delivered = driver.set_frame_channel(request);
    if (delivered) {
        batch.dismiss();
    }
    return delivered;
}

os::Result<void> deliver_cursor(DriverConnection& driver, const os::Region& section,
                                std::uint32_t target_id) {
    HandleBatch batch(driver);
    const auto value = batch.give(section.handle(), os::Right::memory_read_write);
    if (!value) {
        return tl::unexpected(value.error());
    }
    auto delivered =
        driver.set_cursor_channel({.target_id = target_id, .pad = 0, .header_handle = *value});
    if (delivered) {
        batch.dismiss();
    }
    return delivered;
}

}  // namespace pf::host
