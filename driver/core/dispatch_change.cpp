// A monitor changes its mode.
#include <utility>

#include <pf/proto/validate.hpp>

#include "dispatch_call.hpp"

namespace pf::core {

std::optional<Completion> Dispatcher::update_modes(const Call& call) {
    proto::UpdateModesRequest request{};
    if (!call.read(request)) {
        return kTooShort;
    }
    return change(call, request, 0);
}

std::optional<Completion> Dispatcher::change(const Call& call,
                                             const proto::UpdateModesRequest& request,
                                             std::uint32_t refresh_millihertz) {
    if (!proto::valid_mode(request.width, request.height, request.refresh_hz)) {
        return kBadMode;
    }
    Monitor* monitor = table_.find_session(call.owner, request.session_id);
    if (monitor == nullptr) {
        return kNoSuchMonitor;
    }
    refuse(monitor->next_change, "a newer mode took its place");
    monitor->next_change = Monitor::Change{
        call.id, {request.width, request.height, request.refresh_hz, refresh_millihertz}};
    change_next(*monitor);
    return std::nullopt;
}

void Dispatcher::change_next(Monitor& monitor) {
    if (monitor.phase != Monitor::Phase::there || monitor.change || !monitor.next_change) {
        return;
    }
    monitor.change = std::exchange(monitor.next_change, std::nullopt);
    ModeList modes = monitor.modes;
    modes.prefer(monitor.change->mode);
    adapter_.set_modes(monitor.owner, monitor.number, modes);
}

void Dispatcher::modes_set(MonitorNumber number, std::uint32_t status, std::int64_t now_ns) {
    Monitor* monitor = table_.find_number(number);
    if (monitor == nullptr || !monitor->change) {
        return;
    }
    table_.heard(monitor->owner, now_ns);
    if (status == proto::kStatusSuccess) {
        monitor->modes.prefer(monitor->change->mode);
    }
    finish(monitor->change->request, {status});
    monitor->change.reset();
    change_next(*monitor);
}

}  // namespace pf::core
