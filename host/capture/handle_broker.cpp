#include "capture/handle_broker.hpp"

#include <algorithm>
#include <vector>

#include <pf/os/clock.hpp>

#include "want_of_memory.hpp"

namespace pf::host {
namespace {

// For all values of a delivery together: a driver that hangs holds us up once.
constexpr std::int64_t kTakeBackNs = os::kSecond;

void take_back(DriverConnection& driver, std::span<const std::uint64_t> values) {
    const std::int64_t deadline_ns = driver.clock().deadline_after(kTakeBackNs);
    for (const std::uint64_t value : values) {
        despite_want_of_memory([&] { (void)driver.close_remote(value, deadline_ns); });
    }
}

// `send` delivers the values.
template <typename Send>
os::Result<os::Remark> deliver(DriverConnection& driver, std::span<const os::Gift> gifts,
                               const StopSignal* stop, Send send) {
    const auto values = driver.give_all(gifts, stop);
    if (!values) {
        return tl::unexpected(values.error());
    }
    auto delivered = send(*values);
    if (outcome_of(delivered) == Delivery::refused) {
        take_back(driver, *values);
    }
    return delivered;
}

}  // namespace

Delivery outcome_of(const os::Result<os::Remark>& delivered) {
    if (delivered) {
        return Delivery::adopted;
    }
    const bool open = os::DeviceChannel::unanswered(delivered.error()) ||
                      delivered.error().reaction == os::Reaction::reopen;
    return open ? Delivery::unknown : Delivery::refused;
}

os::Result<os::Remark> deliver_ring(DriverConnection& driver, const FrameRing& ring,
                                    const StopSignal* stop) {
    const std::uint32_t slots = ring.geometry().ring_len;
    std::vector<os::Gift> gifts = {ring.header_region(), ring.event()};
    for (std::uint32_t i = 0; i < slots; ++i) {
        gifts.emplace_back(ring.slot_region(i));
    }
    return deliver(driver, gifts, stop, [&](const std::vector<std::uint64_t>& values) {
        proto::SetFrameChannelRequest request{};
        request.target_id = ring.target_id();
        request.generation = ring.generation();
        request.ring_len = slots;
        request.header_bytes = proto::kHeaderSectionBytes;
        request.header_handle = values[0];
        request.event_handle = values[1];
        std::copy_n(values.begin() + 2, slots, request.texture_handles);
        return driver.set_frame_channel(request, stop);
    });
}

os::Result<os::Remark> deliver_cursor(DriverConnection& driver, const os::Region& section,
                                      std::uint32_t target_id, const StopSignal* stop) {
    const os::Gift gift = section;
    return deliver(driver, {&gift, 1}, stop, [&](const std::vector<std::uint64_t>& values) {
        return driver.set_cursor_channel(
            {.target_id = target_id, .pad = 0, .header_handle = values[0]}, stop);
    });
}

}  // namespace pf::host
