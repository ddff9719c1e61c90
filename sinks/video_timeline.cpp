#include "video_timeline.hpp"

#include <algorithm>

#include <pf/os/clock.hpp>

namespace pf::sinks {
namespace {

constexpr std::int64_t kMaxAgeNs = 100 * os::kMillisecond;

}  // namespace

std::int64_t VideoTimeline::to_tick(std::int64_t time_ns) const {
    const std::int64_t since = time_ns - first_ns_;
    return since / os::kSecond * ticks_per_second_ +
           since % os::kSecond * ticks_per_second_ / os::kSecond;
}

std::int64_t VideoTimeline::place(const host::FrameTimes& times) {
    // leased_ns is this process's own reading; present_ns came from the driver. A picture that an
    // idle desktop composed long ago counts from when it arrived.
    const std::int64_t leased_ns = std::max(times.leased_ns, kMaxAgeNs);
    const std::int64_t time_ns =
        times.present_ns == 0 ? leased_ns
                              : std::clamp(times.present_ns, leased_ns - kMaxAgeNs, leased_ns);
    if (last_tick_ < 0) {
        first_ns_ = last_ns_ = time_ns;
        return last_tick_ = 0;
    }
    return place_again(time_ns);
}

std::int64_t VideoTimeline::tick_of(std::int64_t time_ns) const {
    return last_tick_ < 0 ? -1 : to_tick(std::max(time_ns, first_ns_));
}

std::int64_t VideoTimeline::place_again(std::int64_t now_ns) {
    last_ns_ = std::max(last_ns_, now_ns);
    last_tick_ = std::max(last_tick_ + 1, to_tick(last_ns_));
    return last_tick_;
}

std::int64_t VideoTimeline::place_end(std::int64_t end_ns, std::int64_t frame_ticks) {
    if (last_tick_ < 0 || end_ns <= last_ns_) {
        return -1;
    }
    const std::int64_t tick = to_tick(end_ns) - frame_ticks;
    if (tick < last_tick_ + frame_ticks) {
        return -1;
    }
    return last_tick_ = tick;
}

}  // namespace pf::sinks
