// When a dead driver is started again. Pure: what ended it and how long it lived decide.
#pragma once

#include <cstdint>

#include <pf/os/clock.hpp>
#include <pf/os/process.hpp>

namespace pf::rig {

struct RestartLimits {
    std::int64_t quick_ns = os::kSecond;  // a life shorter than this is a quick one
    std::uint32_t max_failures = 5;       // quick ends of its own accord, in a row
    std::int64_t first_backoff_ns = 10 * os::kMillisecond;  // doubles
    std::int64_t max_backoff_ns = os::kSecond;
    // From one start to the next, whatever ended the driver: a storm of starts helps nobody.
    std::int64_t least_between_starts_ns = 20 * os::kMillisecond;
};

struct RestartDecision {
    bool give_up = false;
    std::int64_t delay_ns = 0;
};

class RestartPolicy {
public:
    explicit RestartPolicy(const RestartLimits& limits) : limits_(limits) {}

    // A driver that somebody killed starts again at once, however often. One that ends or crashes
    // by itself soon after its start, or nobody knows how, cannot work here: a few more tries,
    // ever later, then no more.
    RestartDecision ended(const os::ExitStatus& status, std::int64_t lived_ns);

private:
    std::int64_t backoff_ns() const;

    RestartLimits limits_;
    std::uint32_t failures_ = 0;
};

}  // namespace pf::rig
