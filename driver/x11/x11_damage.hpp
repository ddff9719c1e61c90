// From rectangles of the X screen to rectangles of one monitor, and when the next frame is due.
// Pure.
#pragma once

#include <cstdint>
#include <optional>

#include <pf/proto/ring_extension.hpp>

#include "x11_layout.hpp"

namespace pf::driver {

// The part of `rect` (screen pixels) inside `area`, in pixels of the monitor.
std::optional<proto::DamageRect> to_monitor(const X11Area& area, const X11Area& rect);

// Keeps frames at most at the rate, without drift: a frame that is late by less than a
// period does not move the schedule.
class FramePacer {
public:
    explicit FramePacer(std::uint32_t refresh_millihertz);
    // The earliest time of the next frame.
    std::int64_t due_ns() const { return due_ns_; }
    // A frame was started now.
    void advance(std::int64_t now_ns);

private:
    std::int64_t period_ns_;
    std::int64_t due_ns_ = 0;
};

}  // namespace pf::driver
