// The one clock: monotonic nanoseconds for deadlines, and the ticks that frames carry.
#pragma once

#include <cstdint>
#include <span>

namespace pf::os {

class WaitItem;

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

// Given to whatever decides over budgets, so that a test lives through 40 s in a millisecond.
// Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    virtual std::int64_t now_ns() const = 0;
    // As os::wait(), the deadline on this clock.
    virtual bool wait(std::span<WaitItem> items, std::int64_t deadline_ns) const = 0;
    // A deadline `timeout_ns` from now, saturating.
    std::int64_t deadline_after(std::int64_t timeout_ns) const;
};

// now_ns() and wait().
const Clock& system_clock();

}  // namespace pf::os
