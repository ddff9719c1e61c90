// A record's timestamps as times of this host. Pure.
#pragma once

#include <cstdint>

#include <pf/host/frame.hpp>

namespace pf::host {

// Ticks to nanoseconds without overflow for any value.
constexpr std::int64_t ticks_to_ns(std::uint64_t ticks, std::uint64_t ticks_per_second) {
    constexpr std::uint64_t kSecondNs = 1'000'000'000;
    const std::uint64_t seconds = ticks / ticks_per_second;
    const std::uint64_t rest = ticks % ticks_per_second;
    if (seconds > INT64_MAX / kSecondNs - 1) {
        return 0;
    }
    return static_cast<std::int64_t>(seconds * kSecondNs + rest * kSecondNs / ticks_per_second);
}

// A stage cannot lie after the moment we saw its frame; what does is not told.
constexpr std::int64_t sane_time(std::uint64_t ticks, std::uint64_t ticks_per_second,
                                 std::int64_t noticed_ns) {
    const std::int64_t ns = ticks_to_ns(ticks, ticks_per_second);
    return ns <= noticed_ns ? ns : 0;
}

constexpr FrameTimes frame_times(const proto::SlotRecord& record, std::uint64_t ticks_per_second,
                                 std::int64_t noticed_ns, std::int64_t leased_ns) {
    const auto time = [&](std::uint64_t ticks) {
        return sane_time(ticks, ticks_per_second, noticed_ns);
    };
    return {.present_ns = time(record.present_ticks),
            .claimed_ns = time(record.claimed_ticks),
            .filled_ns = time(record.filled_ticks),
            .published_ns = time(record.published_ticks),
            .noticed_ns = noticed_ns,
            .leased_ns = leased_ns};
}

}  // namespace pf::host
