#include "pattern_monitor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <new>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

namespace pf::hostproc {
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

PatternMonitor::PatternMonitor(std::uint32_t target_id, const core::Mode& mode,
                               MonitorOutput& output, const PatternOptions& options, os::Flag stop)
    : target_id_(target_id),
      output_(output),
      options_(options),
      stop_(std::move(stop)),
      mode_(mode),
      painter_(make_painter(mode)),
      schedule_(os::now_ns(), mode.millihertz()) {
    thread_ = std::thread([this] { run(); });
}

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
        const auto locked = output_.lock();
        output_.publish_cursor({true, 0, 0, 0, 0, kPointerSide, kPointerSide, image.data()});
    } catch (const std::bad_alloc&) {
        spdlog::warn("target {}: no memory for the pointer's shape", target_id_);
    }
}

void PatternMonitor::run() {
    show_pointers_shape();
    for (;;) {
        const os::Woke woke =
            os::wait_one_of({&output_.changed(), nullptr, &stop_}, next_turn_ns(os::now_ns()));
        if (woke == os::Woke::cancelled) {
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
        if (due || woke == os::Woke::event) {
            try_show(sequence_);
        }
        const auto locked = output_.lock();
        output_.publisher().heartbeat(os::now_ticks());
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
    published_.reset();
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
    core::FrameInfo info;
    info.source_sequence = sequence;
    info.present_ticks = os::now_ticks();
    const auto locked = output_.lock();
    show_pointer(sequence);
    core::FramePublisher& publisher = output_.publisher();
    if (!publisher.attached()) {
        return;
    }
    if (const auto ring = output_.ring(); ring->id != ring_id_) {
        ring_id_ = ring->id;
        published_.reset();
    }
    if (published_ == sequence) {
        return;  // something else changed
    }
    const proto::RingGeometry& ring = publisher.geometry();
    if (ring.width != painter_.width() || ring.height != painter_.height() ||
        ring.dxgi_format != painter_.dxgi_format()) {
        publisher.count_mismatch(os::now_ticks());
        return;
    }
    const auto claim = publisher.claim(os::now_ticks());
    if (!claim) {
        return;
    }
    if (!draw(*claim, info)) {
        publisher.abandon(*claim);
        return;
    }
    output_.publish(*claim, info, os::now_ticks());
    published_ = sequence;
}

core::DamageRegion PatternMonitor::damage_since_published(std::uint64_t sequence) const {
    return published_ ? painter_.difference(*published_, sequence) : core::DamageRegion::full();
}

bool PatternMonitor::draw(const core::FramePublisher::Claim& claim, core::FrameInfo& info) {
    info.damage = damage_since_published(info.source_sequence);
    if (options_.mode == PatternMode::zero_copy) {
        core::DamageRegion region = claim.stale;
        region.add(info.damage);
        painter_.paint(claim.pixels, claim.pitch_bytes, region, info.source_sequence);
        return true;
    }
    if (options_.mode == PatternMode::copy) {
        info.damage = core::DamageRegion::full();
    }
    return output_.publisher().fill(claim, update_surface(info.source_sequence), info);
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

// The pointer walks along the diagonal, so that its channel moves whatever the picture does.
void PatternMonitor::show_pointer(std::uint64_t sequence) {
    const auto step = static_cast<std::int32_t>(sequence % 512);
    output_.publish_cursor({true, std::min(step, static_cast<std::int32_t>(painter_.width()) - 1),
                            std::min(step, static_cast<std::int32_t>(painter_.height()) - 1)});
}

}  // namespace pf::hostproc
