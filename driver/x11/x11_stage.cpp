#include "x11_stage.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include <pf/os/clock.hpp>

#include "process/output/contained.hpp"

namespace pf::driver {
namespace {

// How long a new monitor's capture may take to begin before the server counts as silent.
constexpr std::int64_t kBeginNs = 2 * os::kSecond;
constexpr std::int64_t kPauseTurnNs = os::kSecond / 4;
constexpr const char* kSetMode = "set X mode";

// The server may still do what it was asked.
bool is_unanswered(const os::Error& error) {
    return error.code == X11Connection::kTimeout || error.code == X11Connection::kCancelled;
}

}  // namespace

os::Result<void> X11Stage::open() {
    if (auto opened = desktop_.open_patiently(); !opened) {
        return opened;
    }
    if (auto known = learn_pixels(); !known) {
        desktop_.close();
        return known;
    }
    desktop_.outputs().set_patience(&patience_);
    ready_ = true;
    return {};
}

os::Result<void> X11Stage::learn_pixels() {
    const auto pixels = pixels_of(desktop_.outputs().connection());
    if (!pixels) {
        return tl::unexpected(pixels.error());
    }
    pixels_ = *pixels;
    return {};
}

bool X11Stage::wants_repair() const {
    return !ready_ || strays_.any() || !desktop_.server().alive() ||
           std::any_of(monitors_.begin(), monitors_.end(),
                       [](const auto& each) { return each.second.capture->is_lost(); });
}

os::Result<void> X11Stage::repair() {
    if (ready_ && !desktop_.gone()) {
        show_lost();
        return remove_strays();
    }
    ready_ = false;
    spdlog::warn("X server: it is gone; starting over with {} monitors", monitors_.size());
    if (auto opened = desktop_.open(); !opened) {
        return opened;
    }
    if (auto known = learn_pixels(); !known) {
        return known;
    }
    desktop_.outputs().set_patience(&patience_);
    if (auto plugged = replug_all(); !plugged) {
        return plugged;
    }
    strays_.reset();
    ready_ = true;
    return {};
}

// What an exception cut short on the server is taken off and put back with everything else.
os::Result<void> X11Stage::serve(const X11Order& order) try {
    switch (order.task) {
        case SourceTask::plug: return plug(order);
        case SourceTask::set_mode: return set_mode(order);
        case SourceTask::unplug: break;
    }
    return unplug(order.number);
} catch (...) {
    ready_ = false;
    throw;
}

os::Result<void> X11Stage::plug(const X11Order& order) {
    auto capture = X11Capture::create(*order.output, lost_, picture_);
    if (!capture) {
        return tl::unexpected(std::move(capture.error()));
    }
    std::map<core::MonitorNumber, Monitor> made;  // of one, so that nothing can fail once it is lit
    Monitor& monitor = made[order.number];
    monitor = {order.monitor_id, order.mode, order.luminance, order.output, {}, {}};
    monitor.capture = std::move(*capture);
    auto done = light(monitor);
    if (done) {
        monitors_.merge(made);
    } else if (is_unanswered(done.error())) {
        strays_.set(order.monitor_id);
    }
    return done;
}

os::Result<void> X11Stage::light(Monitor& monitor) {
    if (auto cleared = remove_strays(); !cleared) {
        return cleared;
    }
    const core::Edid edid = core::Edid::make(monitor.monitor_id, monitor.mode, monitor.luminance);
    const auto area = desktop_.outputs().plug(monitor.monitor_id, monitor.mode, edid.bytes());
    if (!area) {
        return tl::unexpected(area.error());
    }
    show(monitor, *area);
    auto begun = monitor.capture->await_begin(os::deadline_after(kBeginNs));
    if (!begun && !desktop_.gone()) {
        // One more connection is refused: no reason to start over with everybody's monitors.
        begun.error().reaction = os::Reaction::retry;
        take_off(monitor.monitor_id);
    }
    return begun;
}

// What cannot be taken off now is taken off before the next monitor comes.
void X11Stage::take_off(std::uint32_t monitor_id) {
    const auto off =
        contained("unplug X monitor", [&] { return desktop_.outputs().unplug(monitor_id); });
    if (!off) {
        spdlog::warn("monitor {}: {}", monitor_id, off.error().message());
        strays_.set(monitor_id);
        lost_.signal();
    }
}

os::Result<void> X11Stage::set_mode(const X11Order& order) {
    const auto at = monitors_.find(order.number);
    if (at == monitors_.end()) {
        return os::fail(kSetMode, 0, os::Reaction::reject, "no such monitor");
    }
    Monitor& monitor = at->second;
    // No picture of the old place may reach the output once the new mode is there.
    if (!await_pause(*monitor.capture)) {
        show(monitor, monitor.area);
        return os::fail(kSetMode, X11Connection::kCancelled, os::Reaction::retry,
                        "the X server does not answer");
    }
    const core::Edid edid = core::Edid::make(monitor.monitor_id, order.mode, monitor.luminance);
    const auto area = desktop_.outputs().set_mode(monitor.monitor_id, order.mode, edid.bytes());
    if (!area) {
        show(monitor, monitor.area);
        return tl::unexpected(area.error());
    }
    monitor.mode = order.mode;
    show(monitor, *area);
    return {};
}

bool X11Stage::await_pause(X11Capture& capture) {
    const std::int64_t began_ns = os::now_ns();
    while (!capture.pause(os::deadline_after(kPauseTurnNs))) {
        if (!patience_.turn(os::now_ns() - began_ns)) {
            return false;
        }
    }
    return true;
}

// A server that is being replaced never sees the monitor again.
os::Result<void> X11Stage::unplug(core::MonitorNumber number) {
    const auto at = monitors_.find(number);
    if (at == monitors_.end()) {
        return {};
    }
    const std::uint32_t monitor_id = at->second.monitor_id;
    monitors_.erase(at);
    if (ready_) {
        take_off(monitor_id);
    }
    return {};
}

void X11Stage::show(Monitor& monitor, const X11Area& area) {
    monitor.area = area;
    monitor.capture->show({desktop_.endpoint(), X11Outputs::output_name(monitor.monitor_id),
                           monitor.mode.millihertz()});
}

void X11Stage::show_lost() {
    for (auto& [number, monitor] : monitors_) {
        if (monitor.capture->is_lost()) {
            show(monitor, monitor.area);
        }
    }
}

os::Result<void> X11Stage::remove_strays() {
    for (std::uint32_t id = 0; id < strays_.size(); ++id) {
        if (!strays_.test(id)) {
            continue;
        }
        if (auto off = desktop_.outputs().unplug(id); !off) {
            return off;
        }
        strays_.reset(id);
    }
    return {};
}

os::Result<void> X11Stage::replug_all() {
    for (auto& [number, monitor] : monitors_) {
        const core::Edid edid =
            core::Edid::make(monitor.monitor_id, monitor.mode, monitor.luminance);
        const auto area =
            desktop_.outputs().plug(monitor.monitor_id, monitor.mode, edid.bytes(), monitor.area);
        if (!area) {
            return tl::unexpected(area.error());
        }
        show(monitor, *area);
    }
    return {};
}

void X11Stage::close() {
    monitors_.clear();
    desktop_.close();
}

}  // namespace pf::driver
