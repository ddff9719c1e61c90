#include "pattern_monitor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <new>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

namespace pf::driver {
namespace {

// The longest silence of the heartbeat, half of what a host may count on.
constexpr std::int64_t kHeartbeatNs = 50 * os::kMillisecond;

constexpr std::uint32_t kPointerSide = 24;  // pixels

PatternPainter::Motion motion_of(PatternMode mode) {
    switch (mode) {
        case PatternMode::small_damage: return PatternPainter::Motion::squares;
        case PatternMode::idle: return PatternPainter::Motion::none;
        default: return PatternPainter::Motion::bar;
    }
}

// An arrow: the lower left half of a square, white with a black edge.
std::vector<std::uint32_t> pointer_image() {
    std::vector<std::uint32_t> pixels(std::size_t{kPointerSide} * kPointerSide, 0);
    for (std::uint32_t y = 0; y < kPointerSide; ++y) {
        for (std::uint32_t x = 0; x <= y; ++x) {
            const bool edge = x == 0 || x == y || y + 1 == kPointerSide;
            pixels[std::size_t{y} * kPointerSide + x] = edge ? 0xFF000000 : 0xFFFFFFFF;
        }
    }
    return pixels;
}

}  // namespace

os::Result<std::unique_ptr<PatternMonitor>> PatternMonitor::start(std::uint32_t target_id,
                                                                  const core::Mode& mode,
                                                                  MonitorOutput& output,
                                                                  const PatternOptions& options) {
    auto stop = os::Flag::create();
    if (!stop) {
        return tl::unexpected(std::move(stop.error()));
    }
    std::unique_ptr<PatternMonitor> monitor(
        new PatternMonitor(target_id, mode, output, options, std::move(*stop)));
    auto thread = os::GuardedThread::start(
        "pattern monitor", [raw = monitor.get()] { raw->run(); },
        [raw = monitor.get()](const os::Error& error) { raw->give_up(error); });
    if (!thread) {
        return tl::unexpected(std::move(thread.error()));
    }
    monitor->thread_ = std::move(*thread);
    return monitor;
}

PatternMonitor::PatternMonitor(std::uint32_t target_id, const core::Mode& mode,
                               MonitorOutput& output, const PatternOptions& options, os::Flag stop)
    : target_id_(target_id),
      output_(output),
      options_(options),
      stop_(std::move(stop)),
      mode_(mode),
      painter_(make_painter(mode)),
      schedule_(os::now_ns(), mode.millihertz()) {}

PatternMonitor::~PatternMonitor() {
    stop_.set();
    thread_.join();
}

PatternPainter PatternMonitor::make_painter(const core::Mode& mode) const {
    return PatternPainter(mode, options_.dxgi_format, target_id_, motion_of(options_.mode));
}

void PatternMonitor::set_mode(const core::Mode& mode) {
    {
        const std::lock_guard locked(mode_mutex_);
        new_mode_ = mode;
    }
    output_.changed().signal();
}

void PatternMonitor::show_pointers_shape() {
    try {
        const auto image = pointer_image();
        CursorState state;
        state.visible = true;
        state.width = state.height = kPointerSide;
        state.pixels = image.data();
        output_.publish_cursor(state);
    } catch (const std::bad_alloc&) {
        spdlog::warn("target {}: no memory for the pointer's shape", target_id_);
    }
}

// The ring first: its host adds the monitor again then, and what is said here may find no memory.
void PatternMonitor::give_up(const os::Error& error) {
    output_.detach();
    spdlog::error("target {}: no more frames: {}", target_id_, error.message());
}

void PatternMonitor::run() {
    show_pointers_shape();
    for (;;) {
        os::WaitItem items[] = {output_.changed(), stop_};
        os::wait(items, next_turn_ns(os::now_ns()));
        if (items[1].ready()) {
            return;
        }
        take_new_mode();
        const std::int64_t now_ns = os::now_ns();
        const bool due = frame_due(now_ns);
        if (due) {
            // Late: the frames that were missed are not made up for.
            next_slot_ = schedule_.frame_at(now_ns) + 1;
            ++sequence_;
        }
        // Another ring gets what the one before it had.
        if (due || (items[0].ready() && output_.awaits_first_frame())) {
            try_show(sequence_);
        }
        output_.heartbeat();
    }
}

void PatternMonitor::take_new_mode() {
    std::optional<core::Mode> mode;
    {
        const std::lock_guard locked(mode_mutex_);
        mode.swap(new_mode_);
    }
    if (!mode) {
        return;
    }
    try {
        painter_ = make_painter(*mode);
    } catch (const std::bad_alloc&) {
        const std::lock_guard locked(mode_mutex_);
        new_mode_ = new_mode_.value_or(*mode);  // with the next turn, then
        return;
    }
    mode_ = *mode;
    schedule_ = PaceSchedule(os::now_ns(), mode_.millihertz());
    next_slot_ = 0;
    drawn_.reset();
    offered_.reset();
}

// An idle picture has a first frame for each mode, and that again until a ring took it.
bool PatternMonitor::frame_due(std::int64_t now_ns) const {
    const bool silent = options_.mode == PatternMode::idle && next_slot_ > 0;
    return !silent && now_ns >= schedule_.due_ns(next_slot_);
}

std::int64_t PatternMonitor::next_turn_ns(std::int64_t now_ns) const {
    const std::int64_t heartbeat_ns = now_ns + kHeartbeatNs;
    const bool silent = options_.mode == PatternMode::idle && next_slot_ > 0;
    return silent ? heartbeat_ns : std::min(heartbeat_ns, schedule_.due_ns(next_slot_));
}

// A picture that finds no memory is a missing frame, no more.
void PatternMonitor::try_show(std::uint64_t sequence) {
    try {
        show(sequence);
    } catch (const std::bad_alloc&) {
        spdlog::warn("target {}: no memory for a picture of {}x{}", target_id_, mode_.width,
                     mode_.height);
    }
}

void PatternMonitor::show(std::uint64_t sequence) {
    core::FrameInfo frame;
    frame.source_sequence = sequence;
    frame.present_ticks = os::now_ticks();
    frame.damage = damage_since_offered(sequence);
    show_pointer(sequence);
    const std::uint32_t format = painter_.dxgi_format();
    auto drawing = output_.draw({painter_.width(), painter_.height(), {&format, 1}, frame});
    offered_ = sequence;
    if (drawing) {
        draw(*drawing, sequence);
        drawing->publish();
    }
}

core::DamageRegion PatternMonitor::damage_since_offered(std::uint64_t sequence) const {
    return offered_ && options_.mode != PatternMode::copy ? painter_.difference(*offered_, sequence)
                                                          : core::DamageRegion::full();
}

void PatternMonitor::draw(Drawing& drawing, std::uint64_t sequence) {
    if (options_.mode == PatternMode::zero_copy) {
        painter_.paint(drawing.pixels(), drawing.geometry().pitch_bytes, drawing.lacking(),
                       sequence);
        return;
    }
    if (auto copy = drawing.fill(update_surface(sequence))) {
        copy->finish();
    }
}

core::Surface PatternMonitor::update_surface(std::uint64_t sequence) {
    const std::uint32_t pitch = painter_.tight_pitch_bytes();
    if (!drawn_) {
        surface_.resize(std::size_t{pitch} * painter_.height());
        painter_.paint(surface_, pitch, core::DamageRegion::full(), sequence);
    } else {
        painter_.paint(surface_, pitch, painter_.difference(*drawn_, sequence), sequence);
    }
    drawn_ = sequence;
    return {surface_.data(), painter_.width(), painter_.height(), pitch, painter_.dxgi_format()};
}

// Every pattern monitor is a desktop of its own, its origin is 0, 0. The pointer walks along the
// diagonal, so that its channel moves whatever the picture does.
void PatternMonitor::show_pointer(std::uint64_t sequence) {
    const auto step = static_cast<std::int32_t>(sequence % 512);
    CursorState state;
    state.visible = true;
    state.x = std::min(step, static_cast<std::int32_t>(painter_.width()) - 1);
    state.y = std::min(step, static_cast<std::int32_t>(painter_.height()) - 1);
    output_.publish_cursor(state);
}

}  // namespace pf::driver
