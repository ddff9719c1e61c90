#include <pf/rig/restart_policy.hpp>

#include <algorithm>

namespace pf::rig {

RestartDecision RestartPolicy::ended(const os::ExitStatus& status, std::int64_t lived_ns) {
    const std::int64_t floor_ns =
        std::max<std::int64_t>(0, limits_.least_between_starts_ns - lived_ns);
    if (status.killed || lived_ns >= limits_.quick_ns) {
        failures_ = 0;
        return {false, floor_ns};
    }
    if (++failures_ >= limits_.max_failures) {
        return {true, 0};
    }
    return {false, std::max(floor_ns, backoff_ns())};
}

std::int64_t RestartPolicy::backoff_ns() const {
    std::int64_t delay_ns = limits_.first_backoff_ns;
    for (std::uint32_t i = 1; i < failures_ && delay_ns < limits_.max_backoff_ns; ++i) {
        delay_ns *= 2;
    }
    return std::min(delay_ns, limits_.max_backoff_ns);
}

}  // namespace pf::rig
