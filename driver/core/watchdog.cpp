#include <pf/core/watchdog.hpp>

namespace pf::core {

bool watchdog_departs(std::int64_t now_ns, std::int64_t owner_heard_ns, std::int64_t added_ns) {
    return now_ns - owner_heard_ns >= kWatchdogTimeoutNs && now_ns - added_ns > kWatchdogGraceNs;
}

}  // namespace pf::core
