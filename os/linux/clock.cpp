#include <pf/os/clock.hpp>

#include <cerrno>
#include <ctime>

#include <pf/os/wait.hpp>

namespace pf::os {

namespace {

std::int64_t saturating_sum(std::int64_t now_ns, std::int64_t timeout_ns) {
    return timeout_ns > kNever - now_ns ? kNever : now_ns + timeout_ns;
}

class SystemClock final : public Clock {
public:
    std::int64_t now_ns() const override { return os::now_ns(); }
    bool wait(std::span<WaitItem> items, std::int64_t deadline_ns) const override {
        return os::wait(items, deadline_ns);
    }
};

}  // namespace

std::int64_t now_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * kSecond + now.tv_nsec;
}

std::int64_t deadline_after(std::int64_t timeout_ns) {
    return saturating_sum(now_ns(), timeout_ns);
}

std::int64_t Clock::deadline_after(std::int64_t timeout_ns) const {
    return saturating_sum(now_ns(), timeout_ns);
}

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

std::uint64_t ticks_per_second() {
    return static_cast<std::uint64_t>(kSecond);
}

std::uint64_t now_ticks() {
    return static_cast<std::uint64_t>(now_ns());
}

void sleep_until(std::int64_t deadline_ns) {
    const timespec until{deadline_ns / kSecond, deadline_ns % kSecond};
    while (deadline_ns > 0 &&
           ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
}

}  // namespace pf::os
