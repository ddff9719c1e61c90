// What a host delivers for a monitor: its ring, its cursor channel.
#include <pf/proto/validate.hpp>

#include "dispatch_call.hpp"

namespace pf::core {

Completion Dispatcher::set_frame_channel(const Call& call) {
    proto::SetFrameChannelRequest request{};
    if (!call.read(request)) {
        return kTooShort;
    }
    if (!proto::valid_frame_channel(request)) {
        return invalid_parameter("a ring has 1..6 slots, a header and an event");
    }
    const Monitor* monitor = table_.find_target(call.owner, request.target_id);
    if (monitor == nullptr) {
        return kNoSuchMonitor;
    }
    RingDelivery ring{
        request.generation,    request.ring_len,     proto::promised_header_bytes(request),
        request.header_handle, request.event_handle, {}};
    std::copy(std::begin(request.texture_handles), std::end(request.texture_handles),
              ring.slots.begin());
    const auto unknown = [&](std::uint64_t value) {
        return value != 0 && !adapter_.knows_handle(call.owner, value);
    };
    if (unknown(ring.header) || unknown(ring.event) ||
        std::any_of(ring.slots.begin(), ring.slots.end(), unknown)) {
        return kUnknownHandle;
    }
    adapter_.attach_ring(call.owner, monitor->number, ring);
    return kSuccess;
}

Completion Dispatcher::set_cursor_channel(const Call& call) {
    proto::SetCursorChannelRequest request{};
    if (!call.read(request)) {
        return kTooShort;
    }
    if (request.header_handle == 0) {
        return kUnknownHandle;
    }
    Monitor* monitor = table_.find_target(call.owner, request.target_id);
    if (monitor == nullptr) {
        return kNoSuchMonitor;
    }
    if (!monitor->hw_cursor) {
        return not_found("the monitor was added without a hardware cursor");
    }
    if (!adapter_.knows_handle(call.owner, request.header_handle)) {
        return kUnknownHandle;
    }
    adapter_.attach_cursor(call.owner, monitor->number, request.header_handle);
    monitor->cursor_live = true;
    return kSuccess;
}

Completion Dispatcher::set_cursor_forward(const Call& call) {
    proto::SetCursorForwardRequest request{};
    if (!call.read(request)) {
        return kTooShort;
    }
    const Monitor* monitor = table_.find_target(call.owner, request.target_id);
    if (monitor == nullptr) {
        return kNoSuchMonitor;
    }
    if (!monitor->cursor_live) {
        return not_found("the monitor has no cursor channel");
    }
    adapter_.set_cursor_forward(monitor->number, request.enable != 0);
    return kSuccess;
}

}  // namespace pf::core
