// When a host that fell silent loses its monitors. A pure decision over times.
#pragma once

#include <cstdint>

namespace pf::core {

inline constexpr std::uint32_t kWatchdogTimeoutS = 10;
inline constexpr std::int64_t kWatchdogTimeoutNs = kWatchdogTimeoutS * std::int64_t{1'000'000'000};
inline constexpr std::int64_t kWatchdogGraceNs = 3'000'000'000;

// Silence is an owner's own: every operation of its owner, failed ones too, keeps a monitor, and
// none of another host does. A clock that went back keeps it too. All in monotonic nanoseconds.
bool watchdog_departs(std::int64_t now_ns, std::int64_t owner_heard_ns, std::int64_t added_ns);

}  // namespace pf::core
