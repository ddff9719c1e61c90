#include "device/recovery_ladder.hpp"

#include <algorithm>

namespace pf::host {
namespace {

bool is_there(const InstanceReport& report) {
    return report.instance.state != os::InstanceState::stale;
}

bool is_wedged(const InstanceReport& report) {
    return report.wedged;
}

}  // namespace

DriverSight sight_of(const std::vector<InstanceReport>& reports) {
    if (std::any_of(reports.begin(), reports.end(), is_wedged)) {
        return DriverSight::wedged;
    }
    return std::any_of(reports.begin(), reports.end(), is_there) ? DriverSight::not_ready
                                                                 : DriverSight::absent;
}

std::string instance_to_restart(const std::vector<InstanceReport>& reports,
                                const std::string& last) {
    auto found = std::find_if(reports.begin(), reports.end(), is_wedged);
    if (found == reports.end() && last.empty()) {
        found = std::find_if(reports.begin(), reports.end(), is_there);
    }
    return found != reports.end() ? found->instance.name : last;
}

RecoveryLadder::Decision RecoveryLadder::decide(DriverSight sight, std::int64_t now_ns) {
    if (sight_ != sight) {
        sight_ = sight;
        sight_since_ns_ = now_ns;
    }
    const std::int64_t end_ns = began_ns_ + times_.budget_ns;
    if (now_ns >= end_ns) {
        return {Step::nothing_more, 0};
    }
    const std::int64_t due = due_ns(sight);
    if (now_ns >= due) {
        restarted_ns_ = now_ns;
        return {Step::restart, 0};
    }
    return {Step::wait, std::min({now_ns + times_.look_ns, due, end_ns})};
}

std::int64_t RecoveryLadder::due_ns(DriverSight sight) const {
    std::int64_t due = sight_since_ns_;
    switch (sight) {
        case DriverSight::not_ready: due += times_.not_ready_ns; break;
        case DriverSight::absent: due += times_.absent_ns; break;
        case DriverSight::wedged: break;
    }
    return restarted_ns_ ? std::max(due, *restarted_ns_ + times_.restarted_ns) : due;
}

}  // namespace pf::host
