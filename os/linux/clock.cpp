#include <pf/os/clock.hpp>

#include <cerrno>
#include <ctime>

namespace pf::os {

std::int64_t now_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * kSecond + now.tv_nsec;
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
