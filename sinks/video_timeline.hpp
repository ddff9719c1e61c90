// When each frame of a video is shown: from the frames' own times, never backwards, never ahead
// of the host's clock, so a driver that lies about its times cannot stretch a file.
#pragma once

#include <cstdint>

#include <pf/host/frame.hpp>

namespace pf::sinks {

class VideoTimeline {
public:
    explicit VideoTimeline(std::int64_t ticks_per_second) : ticks_per_second_(ticks_per_second) {}

    // The next frame's tick: 0 for the first one, then strictly increasing.
    std::int64_t place(const host::FrameTimes& times);

    // The tick of a time; -1 before the first frame.
    std::int64_t tick_of(std::int64_t time_ns) const;
    // The tick for showing the last frame again at `now_ns` (os::now_ns()); after the first frame.
    std::int64_t place_again(std::int64_t now_ns);

    // The tick for showing the last frame once more, so that it lasts until `end_ns`; nothing to
    // repeat when that is less than two `frame_ticks` after it: returns -1.
    std::int64_t place_end(std::int64_t end_ns, std::int64_t frame_ticks);

private:
    std::int64_t to_tick(std::int64_t time_ns) const;

    std::int64_t ticks_per_second_;
    std::int64_t first_ns_ = 0;
    std::int64_t last_ns_ = 0;
    std::int64_t last_tick_ = -1;
};

}  // namespace pf::sinks
