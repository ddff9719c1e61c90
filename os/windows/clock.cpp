#include <pf/os/clock.hpp>

#include "native_handle.hpp"

namespace pf::os {

std::uint64_t ticks_per_second() {
    static const std::uint64_t frequency = [] {
        LARGE_INTEGER value{};
        ::QueryPerformanceFrequency(&value);
        return static_cast<std::uint64_t>(value.QuadPart);
    }();
    return frequency;
}

std::uint64_t now_ticks() {
    LARGE_INTEGER value{};
    ::QueryPerformanceCounter(&value);
    return static_cast<std::uint64_t>(value.QuadPart);
}

// Whole seconds apart, so that no product leaves 64 bits.
std::int64_t now_ns() {
    const std::uint64_t ticks = now_ticks();
    const std::uint64_t frequency = ticks_per_second();
    constexpr auto kNs = static_cast<std::uint64_t>(kSecond);
    return static_cast<std::int64_t>(ticks / frequency * kNs + ticks % frequency * kNs / frequency);
}

DWORD milliseconds_until(std::int64_t deadline_ns) {
    if (deadline_ns == kNever) {
        return INFINITE;
    }
    const std::int64_t left_ns = deadline_ns - now_ns();
    if (left_ns <= 0) {
        return 0;
    }
    const std::int64_t left = (left_ns + kMillisecond - 1) / kMillisecond;
    constexpr std::int64_t kLongest = 0x7FFFFFFF;  // a longer one goes on with another turn
    return static_cast<DWORD>(left < kLongest ? left : kLongest);
}

void sleep_until(std::int64_t deadline_ns) {
    while (now_ns() < deadline_ns) {
        ::Sleep(milliseconds_until(deadline_ns));
    }
}

}  // namespace pf::os
