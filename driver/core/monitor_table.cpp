#include <pf/core/monitor_table.hpp>

#include <pf/proto/validate.hpp>

namespace pf::core {

std::optional<std::uint32_t> MonitorTable::free_id(std::uint32_t preferred) const {
    if (proto::valid_monitor_id(preferred) && !monitors_[preferred]) {
        return preferred;
    }
    for (std::uint32_t id = proto::kMonitorIdFirst; id <= proto::kMonitorIdLast; ++id) {
        if (!monitors_[id]) {
            return id;
        }
    }
    return std::nullopt;
}

Monitor* MonitorTable::insert(const Monitor& monitor) {
    return &monitors_[monitor.monitor_id].emplace(monitor);
}

void MonitorTable::erase(std::uint32_t monitor_id) {
    if (proto::valid_monitor_id(monitor_id)) {
        monitors_[monitor_id].reset();
    }
}

Monitor* MonitorTable::find_session(Owner owner, std::uint64_t session_id) {
    for (auto& monitor : monitors_) {
        if (monitor && monitor->owner == owner && monitor->session_id == session_id) {
            return &*monitor;
        }
    }
    return nullptr;
}

Monitor* MonitorTable::find_target(Owner owner, std::uint32_t target_id) {
    for (auto& monitor : monitors_) {
        if (monitor && monitor->owner == owner && monitor->target_id == target_id) {
            return &*monitor;
        }
    }
    return nullptr;
}

void MonitorTable::heard(Owner owner, std::int64_t now_ns) {
    for (auto& monitor : monitors_) {
        if (monitor && monitor->owner == owner) {
            monitor->heard_ns = now_ns;
        }
    }
}

const Monitor* MonitorTable::at(std::uint32_t monitor_id) const {
    return proto::valid_monitor_id(monitor_id) && monitors_[monitor_id] ? &*monitors_[monitor_id]
                                                                        : nullptr;
}

std::size_t MonitorTable::size() const {
    std::size_t count = 0;
    for (const auto& monitor : monitors_) {
        count += monitor.has_value();
    }
    return count;
}

}  // namespace pf::core
