#include <pf/core/monitor_table.hpp>

#include <algorithm>
#include <utility>

#include <pf/proto/validate.hpp>

namespace pf::core {

std::optional<std::uint32_t> MonitorTable::free_id(std::uint32_t preferred) const {
    if (proto::valid_monitor_id(preferred) && !monitors_[preferred]) {
        return preferred;
    }
    std::optional<std::uint32_t> left;
    for (std::uint32_t id = proto::kMonitorIdFirst; id <= proto::kMonitorIdLast; ++id) {
        if (!monitors_[id] && !leaving_[id]) {
            return id;
        }
        if (!monitors_[id] && !left) {
            left = id;
        }
    }
    return left;
}

std::uint32_t MonitorTable::free_connector() const {
    const auto taken = [this](std::uint32_t connector) {
        return std::any_of(monitors_.begin(), monitors_.end(),
                           [&](const auto& monitor) {
                               return monitor && monitor->phase != Monitor::Phase::waiting &&
                                      monitor->connector == connector;
                           }) ||
               std::any_of(leaving_.begin(), leaving_.end(), [&](const auto& leaving) {
                   return leaving && leaving->connector == connector;
               });
    };
    std::uint32_t connector = 0;
    while (taken(connector)) {
        ++connector;
    }
    return connector;
}

Monitor* MonitorTable::insert(const Monitor& monitor) {
    return &monitors_[monitor.monitor_id].emplace(monitor);
}

void MonitorTable::erase(std::uint32_t monitor_id) {
    if (proto::valid_monitor_id(monitor_id)) {
        monitors_[monitor_id].reset();
    }
}

void MonitorTable::leave(std::uint32_t monitor_id) {
    if (const Monitor* monitor = at(monitor_id)) {
        if (monitor->phase != Monitor::Phase::waiting) {
            leaving_[monitor_id] = Leaving{monitor->number, monitor->connector};
        }
        erase(monitor_id);
    }
}

std::optional<std::uint32_t> MonitorTable::gone(MonitorNumber number) {
    for (std::uint32_t id = proto::kMonitorIdFirst; id <= proto::kMonitorIdLast; ++id) {
        if (leaving_[id] && leaving_[id]->number == number) {
            leaving_[id].reset();
            return id;
        }
    }
    return std::nullopt;
}

bool MonitorTable::is_being_left(std::uint32_t monitor_id) const {
    return proto::valid_monitor_id(monitor_id) && leaving_[monitor_id].has_value();
}

template <typename Matches>
Monitor* MonitorTable::find(Matches matches) {
    for (auto& monitor : monitors_) {
        if (monitor && matches(*monitor)) {
            return &*monitor;
        }
    }
    return nullptr;
}

Monitor* MonitorTable::find_session(Owner owner, std::uint64_t session_id) {
    return find([&](const Monitor& m) { return m.owner == owner && m.session_id == session_id; });
}

Monitor* MonitorTable::find_target(Owner owner, std::uint32_t target_id) {
    return find([&](const Monitor& m) {
        return m.owner == owner && m.phase == Monitor::Phase::there && m.target_id == target_id;
    });
}

Monitor* MonitorTable::find_number(MonitorNumber number) {
    return find([&](const Monitor& m) { return m.number == number; });
}

void MonitorTable::heard(Owner owner, std::int64_t now_ns) {
    for (auto& monitor : monitors_) {
        if (monitor && monitor->owner == owner) {
            monitor->heard_ns = now_ns;
        }
    }
}

bool MonitorTable::waits(Owner owner) const {
    return std::any_of(monitors_.begin(), monitors_.end(), [&](const auto& monitor) {
        return monitor && monitor->owner == owner &&
               (monitor->arrival || monitor->change || monitor->next_change);
    });
}

const Monitor* MonitorTable::at(std::uint32_t monitor_id) const {
    return proto::valid_monitor_id(monitor_id) && monitors_[monitor_id] ? &*monitors_[monitor_id]
                                                                        : nullptr;
}

Monitor* MonitorTable::at(std::uint32_t monitor_id) {
    return const_cast<Monitor*>(std::as_const(*this).at(monitor_id));
}

std::size_t MonitorTable::size() const {
    return static_cast<std::size_t>(std::count_if(monitors_.begin(), monitors_.end(),
                                                  [](const auto& m) { return m.has_value(); }));
}

std::size_t MonitorTable::leaving() const {
    return static_cast<std::size_t>(std::count_if(leaving_.begin(), leaving_.end(),
                                                  [](const auto& l) { return l.has_value(); }));
}

}  // namespace pf::core
