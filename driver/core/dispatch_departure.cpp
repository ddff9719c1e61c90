// Monitors go.
#include <pf/core/watchdog.hpp>

#include "dispatch_call.hpp"

namespace pf::core {

Completion Dispatcher::remove(const Call& call) {
    proto::RemoveRequest request{};
    if (!call.read(request)) {
        return kTooShort;
    }
    if (const Monitor* monitor = table_.find_session(call.owner, request.session_id)) {
        depart(monitor->monitor_id, "it was removed meanwhile");
    }
    return kSuccess;
}

Completion Dispatcher::clear_all(const Call& call) {
    depart_if([&](const Monitor& m) { return m.owner == call.owner || m.owner == kNobody; },
              "all monitors of its host were removed meanwhile");
    return kSuccess;
}

void Dispatcher::owner_gone(Owner owner) {
    depart_if([&](const Monitor& m) { return m.owner == owner; }, "its host is gone");
}

void Dispatcher::tick(std::int64_t now_ns) {
    depart_if(
        [&](const Monitor& m) {
            return watchdog_departs(now_ns, m.heard_ns, m.added_ns) && !table_.waits(m.owner);
        },
        "its host is silent");
}

void Dispatcher::depart_all() {
    depart_if([](const Monitor&) { return true; }, "the driver stops");
}

template <typename Predicate>
void Dispatcher::depart_if(Predicate departs, const char* reason) {
    for (std::uint32_t id = proto::kMonitorIdFirst; id <= proto::kMonitorIdLast; ++id) {
        if (const Monitor* monitor = table_.at(id); monitor != nullptr && departs(*monitor)) {
            depart(id, reason);
        }
    }
}

void Dispatcher::depart(std::uint32_t monitor_id, const char* reason) {
    Monitor& monitor = *table_.at(monitor_id);
    refuse_all(monitor, reason);
    const MonitorNumber number = monitor.number;
    const bool plugged = monitor.phase != Monitor::Phase::waiting;
    table_.leave(monitor_id);
    if (plugged) {
        adapter_.unplug(number);
    }
}

void Dispatcher::refuse_all(Monitor& monitor, const char* reason) {
    refuse(monitor.arrival, reason);
    refuse(monitor.change, reason);
    refuse(monitor.next_change, reason);
}

void Dispatcher::unplugged(MonitorNumber number) {
    const auto id = table_.gone(number);
    if (Monitor* waits = id ? table_.at(*id) : nullptr;
        waits != nullptr && waits->phase == Monitor::Phase::waiting) {
        plug_when_free(*waits);
    }
}

}  // namespace pf::core
