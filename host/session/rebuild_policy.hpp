// When to try again and when to give up, as pure functions of RebuildPolicy (session.hpp).
#pragma once

#include <algorithm>
#include <cstdint>

#include <pf/host/session.hpp>
#include <pf/os/clock.hpp>

namespace pf::host {

struct RebuildCount {
    std::uint32_t used = 0;
    std::int64_t forgiven_ns = 0;  // until when time has been counted in favour
};

constexpr RebuildCount forgive(const RebuildPolicy& policy, RebuildCount count,
                               std::int64_t now_ns) {
    const std::int64_t forgiven = (now_ns - count.forgiven_ns) / policy.forgive_ns;
    if (forgiven >= count.used) {
        return {0, now_ns};
    }
    return {count.used - static_cast<std::uint32_t>(forgiven),
            count.forgiven_ns + forgiven * policy.forgive_ns};
}

constexpr bool may_rebuild(const RebuildPolicy& policy, const RebuildCount& count) {
    return count.used < policy.max_rebuilds;
}

enum class AttemptFailure {
    no_driver,  // there is nobody to talk to yet: looking again costs next to nothing
    failed,     // a driver was there and something went wrong: back off
    final,      // it refuses what it granted before: no use
};

struct RebuildProgress {
    std::int64_t noticed_ns = 0;        // the loss
    std::uint32_t failed_attempts = 0;  // of kind failed
};

struct NextAttempt {
    bool give_up = false;
    std::int64_t at_ns = 0;
};

// A supervisor restarts a driver within some ten milliseconds; who looks often at first shows the
// picture soon.
constexpr std::int64_t look_interval_ns(std::int64_t waited_ns) {
    if (waited_ns < 2 * os::kSecond) {
        return 5 * os::kMillisecond;
    }
    return (waited_ns < 10 * os::kSecond ? 50 : 250) * os::kMillisecond;
}

// Of times that are not negative; an option may be INT64_MAX, which is for ever.
constexpr std::int64_t saturating_sum(std::int64_t a, std::int64_t b) {
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

constexpr std::int64_t backoff_ns(const RebuildPolicy& policy, std::uint32_t failed_attempts) {
    std::int64_t pause_ns = policy.first_backoff_ns;
    for (std::uint32_t i = 1; i < failed_attempts && pause_ns < policy.max_backoff_ns; ++i) {
        pause_ns = saturating_sum(pause_ns, pause_ns);
    }
    return std::min(pause_ns, policy.max_backoff_ns);
}

// After an attempt that ended at `now_ns`; `progress` counts it already.
constexpr NextAttempt next_attempt(const RebuildPolicy& policy, const RebuildProgress& progress,
                                   AttemptFailure failure, std::int64_t now_ns) {
    const std::int64_t waited_ns = now_ns - progress.noticed_ns;
    if (failure == AttemptFailure::final || waited_ns >= policy.budget_ns) {
        return {true, 0};
    }
    const std::int64_t pause_ns = failure == AttemptFailure::no_driver
                                      ? look_interval_ns(waited_ns)
                                      : backoff_ns(policy, progress.failed_attempts);
    return {false, std::min(saturating_sum(now_ns, pause_ns),
                            saturating_sum(progress.noticed_ns, policy.budget_ns))};
}

// The instance that was open before has a desktop of its own that outlives its driver: it gets
// the first quarter of the budget to come back.
constexpr bool any_instance_will_do(const RebuildPolicy& policy, std::int64_t waited_ns) {
    return waited_ns >= policy.budget_ns / 4;
}

}  // namespace pf::host
