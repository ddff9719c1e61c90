// When a video needs a key frame, or its last picture once more. Pure; times in the video's ticks.
#pragma once

#include <cstdint>

namespace pf::sinks {

// A key frame lies in each two seconds of time, whatever the rate. Between two looks (each frame,
// and each call of FrameSink::idle()) go 250 ms at most, so 1.7 s are the time to act.
class KeyFramePace {
public:
    explicit KeyFramePace(std::int64_t ticks_per_second)
        : key_ticks_(ticks_per_second * 17 / 10), repeat_ticks_(ticks_per_second) {}

    bool key_due(std::int64_t tick) const {
        return last_key_ < 0 || tick - last_key_ >= key_ticks_;
    }
    // While nothing new comes: once a second, so that what is cut short ends with the present.
    bool repeat_due(std::int64_t tick) const {
        return last_ >= 0 && (key_due(tick) || tick - last_ >= repeat_ticks_);
    }
    void shown(std::int64_t tick, bool key) {
        last_ = tick;
        last_key_ = key ? tick : last_key_;
    }

private:
    std::int64_t key_ticks_;
    std::int64_t repeat_ticks_;
    std::int64_t last_ = -1;
    std::int64_t last_key_ = -1;
};

}  // namespace pf::sinks
