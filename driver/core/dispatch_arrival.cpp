// A monitor comes.
#include <pf/proto/validate.hpp>

#include "dispatch_call.hpp"

namespace pf::core {

std::optional<Completion> Dispatcher::add(const Call& call) {
    const bool legacy = behaviour() == 2;
    proto::AddRequest request{};
    if (!call.read(request, proto::kAddRequestLegacySize,
                   legacy ? proto::kAddRequestLegacySize : sizeof(request))) {
        return kTooShort;
    }
    return arrive(call, request, 0);
}

std::optional<Completion> Dispatcher::arrive(const Call& call, const proto::AddRequest& request,
                                             std::uint32_t refresh_millihertz) {
    if (!proto::valid_mode(request.width, request.height, request.refresh_hz)) {
        return kBadMode;
    }
    if (call.output_capacity < proto::kAddReplyLegacySize) {
        return kBufferTooSmall;
    }
    if (const Monitor* old = table_.find_session(call.owner, request.session_id)) {
        depart(old->monitor_id, "another Add of its session id took its place");
    }
    const auto id = table_.free_id(request.preferred_monitor_id);
    if (!id) {
        return not_found("all 15 monitors are in use; remove one");
    }
    if (next_number_ == 0) {
        return not_found("this driver has used up its target ids; restart it");
    }
    Monitor* monitor = table_.insert(
        {.owner = call.owner,
         .session_id = request.session_id,
         .number = next_number_++,
         .monitor_id = *id,
         .modes = ModeList({request.width, request.height, request.refresh_hz, refresh_millihertz}),
         .luminance = {request.max_luminance_nits, request.max_frame_avg_nits,
                       request.min_luminance_millinits},
         // Without the channel nothing would show the pointer, so an older driver
         // keeps it in the frame.
         .hw_cursor = request.hw_cursor != 0 && behaviour() >= kCursorSince,
         .added_ns = call.now_ns,
         .heard_ns = call.now_ns,
         .arrival = Monitor::Arrival{call.id, call.output_capacity}});
    plug_when_free(*monitor);
    return std::nullopt;
}

void Dispatcher::plug_when_free(Monitor& monitor) {
    if (table_.is_being_left(monitor.monitor_id)) {
        return;  // unplugged() comes back to it
    }
    monitor.connector = table_.free_connector();
    monitor.phase = Monitor::Phase::plugging;
    const Mode& mode = monitor.modes.preferred();
    const Edid edid = Edid::make(monitor.monitor_id, mode, monitor.luminance);
    adapter_.plug(monitor.owner,
                  {monitor.number, monitor.monitor_id, monitor.connector, mode, monitor.hw_cursor,
                   monitor.luminance, edid.bytes(), &monitor.modes});
}

void Dispatcher::plugged(MonitorNumber number, const PlugResult& result, std::int64_t now_ns) {
    Monitor* monitor = table_.find_number(number);
    if (monitor == nullptr || monitor->phase != Monitor::Phase::plugging) {
        return;
    }
    table_.heard(monitor->owner, now_ns);
    if (!result.there) {
        refuse_all(*monitor, nullptr);
        table_.erase(monitor->monitor_id);
        return;
    }
    monitor->phase = Monitor::Phase::there;
    monitor->target_id = result.target_id != 0 ? result.target_id : number;
    monitor->added_ns = now_ns;
    finish(monitor->arrival->request, arrived(*monitor, result.adapter));
    monitor->arrival.reset();
    change_next(*monitor);
}

Completion Dispatcher::arrived(const Monitor& monitor, const std::optional<Luid>& adapter) const {
    const Luid luid = adapter.value_or(adapter_luid());
    const proto::AddReply reply{luid.low,           luid.high,
                                monitor.target_id,  monitor.monitor_id,
                                config_.process_id, monitor.hw_cursor ? 1U : 0U};
    return reply_with(reply, monitor.arrival->output_capacity,
                      behaviour() == 2 ? proto::kAddReplyLegacySize : sizeof(reply));
}

}  // namespace pf::core
