// Monitors come, change and go.
#include <pf/core/watchdog.hpp>
#include <pf/proto/validate.hpp>

#include "dispatch_call.hpp"

namespace pf::core {

Completion Dispatcher::add(const Call& call) {
    const bool legacy = behaviour() == 2;
    proto::AddRequest request{};
    if (!call.read(request, proto::kAddRequestLegacySize,
                   legacy ? proto::kAddRequestLegacySize : sizeof(request))) {
        return kTooShort;
    }
    if (!proto::valid_mode(request.width, request.height, request.refresh_hz)) {
        return kBadMode;
    }
    if (call.output.size() < proto::kAddReplyLegacySize) {
        return kBufferTooSmall;
    }
    Monitor* monitor = nullptr;
    if (const Completion plugged = plug(call, request, monitor); plugged.status != 0) {
        return plugged;
    }
    const proto::AddReply reply{config_.luid_low,   config_.luid_high,
                                monitor->target_id, monitor->monitor_id,
                                config_.process_id, monitor->hw_cursor ? 1U : 0U};
    return call.reply(reply, legacy ? proto::kAddReplyLegacySize : sizeof(reply));
}

Completion Dispatcher::plug(const Call& call, const proto::AddRequest& request, Monitor*& added) {
    if (const Monitor* old = table_.find_session(call.owner, request.session_id)) {
        depart(old->monitor_id);
    }
    const auto id = table_.free_id(request.preferred_monitor_id);
    if (!id) {
        return not_found("all 15 monitors are in use; remove one");
    }
    if (next_target_id_ == 0) {
        return not_found("this driver has used up its target ids; restart it");
    }
    const Mode mode{request.width, request.height, request.refresh_hz};
    const Luminance luminance{request.max_luminance_nits, request.max_frame_avg_nits,
                              request.min_luminance_millinits};
    const Edid edid = Edid::make(*id, mode, luminance);
    // Without the channel nothing would show the pointer, so an older driver keeps it in the frame.
    const bool hw_cursor = request.hw_cursor != 0 && behaviour() >= kCursorSince;
    added = table_.insert({call.owner, request.session_id, next_target_id_++, *id, ModeList(mode),
                           hw_cursor, false, call.now_ns, call.now_ns});
    const MonitorSpec spec{added->target_id, *id,          mode,         hw_cursor,
                           luminance,        edid.bytes(), &added->modes};
    if (!adapter_.plug(spec)) {
        table_.erase(*id);
        return not_found(nullptr);
    }
    return kSuccess;
}

Completion Dispatcher::remove(const Call& call) {
    proto::RemoveRequest request{};
    if (!call.read(request)) {
        return kTooShort;
    }
    if (const Monitor* monitor = table_.find_session(call.owner, request.session_id)) {
        depart(monitor->monitor_id);
    }
    return kSuccess;
}

Completion Dispatcher::update_modes(const Call& call) {
    proto::UpdateModesRequest request{};
    if (!call.read(request)) {
        return kTooShort;
    }
    if (!proto::valid_mode(request.width, request.height, request.refresh_hz)) {
        return kBadMode;
    }
    Monitor* monitor = table_.find_session(call.owner, request.session_id);
    if (monitor == nullptr) {
        return kNoSuchMonitor;
    }
    ModeList modes = monitor->modes;
    modes.prefer({request.width, request.height, request.refresh_hz});
    const std::uint32_t status = adapter_.set_modes(monitor->target_id, modes);
    if (status == proto::kStatusSuccess) {
        monitor->modes = modes;
    }
    return {status, 0};
}

Completion Dispatcher::clear_all(const Call& call) {
    depart_if([&](const Monitor& m) { return m.owner == call.owner || m.owner == kNobody; });
    return kSuccess;
}

void Dispatcher::owner_gone(Owner owner) {
    depart_if([&](const Monitor& m) { return m.owner == owner; });
}

void Dispatcher::tick(std::int64_t now_ns) {
    depart_if([&](const Monitor& m) { return watchdog_departs(now_ns, m.heard_ns, m.added_ns); });
}

void Dispatcher::depart_all() {
    depart_if([](const Monitor&) { return true; });
}

template <typename Predicate>
void Dispatcher::depart_if(Predicate departs) {
    for (std::uint32_t id = proto::kMonitorIdFirst; id <= proto::kMonitorIdLast; ++id) {
        if (const Monitor* monitor = table_.at(id); monitor != nullptr && departs(*monitor)) {
            depart(id);
        }
    }
}

void Dispatcher::depart(std::uint32_t monitor_id) {
    adapter_.unplug(table_.at(monitor_id)->target_id);
    table_.erase(monitor_id);
}

}  // namespace pf::core
