#include "restart_policy.hpp"

#include <algorithm>

namespace pf::cli {

RestartDecision RestartPolicy::ended(const os::ExitStatus& status, std::int64_t lived_ns) {
    if (!status.exited || lived_ns >= limits_.quick_ns) {
        failures_ = 0;
        return {};
    }
    if (++failures_ >= limits_.max_failures) {
        return {true, 0};
    }
    std::int64_t delay_ns = limits_.first_backoff_ns;
    for (std::uint32_t i = 1; i < failures_; ++i) {
        delay_ns = std::min(delay_ns * 2, limits_.max_backoff_ns);
    }
    return {false, delay_ns};
}

}  // namespace pf::cli
