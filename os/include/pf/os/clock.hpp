// The one clock: monotonic nanoseconds for deadlines, and the ticks that frames carry.
#pragma once

#include <cstdint>

namespace pf::os {

inline constexpr std::int64_t kMillisecond = 1'000'000;  // ns
inline constexpr std::int64_t kSecond = 1'000'000'000;   // ns
inline constexpr std::int64_t kNever = INT64_MAX;        // a deadline that does not come

// Monotonic time in nanoseconds, the same in every process of the machine (CLOCK_MONOTONIC, QPC).
std::int64_t now_ns();
// A deadline `timeout_ns` from now, saturating.
std::int64_t deadline_after(std::int64_t timeout_ns);

// Frame timestamps are ticks of this many a second (Linux: 1e9, so ticks are nanoseconds).
std::uint64_t ticks_per_second();
std::uint64_t now_ticks();

void sleep_until(std::int64_t deadline_ns);

}  // namespace pf::os
