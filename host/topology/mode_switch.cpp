#include "topology/mode_switch.hpp"

#include <algorithm>

namespace pf::host {

namespace {

constexpr int kMostAttempts = 2;
constexpr std::int64_t kSettleNs = 1500 * os::kMillisecond;
constexpr std::int64_t kLookPauseNs = 25 * os::kMillisecond;
constexpr std::uint32_t kSameRateMillihertz = 10;  // 60000/1001 is 59940.06
constexpr std::uint32_t kPixelFormat32Bpp = 4;     // DISPLAYCONFIG_PIXELFORMAT_32BPP
// D3DKMDT_VSS_OTHER, and above it the divider that a target of an indirect display has (wingdi.h).
constexpr std::uint32_t kStandardOther = 255 | 1u << 16;
constexpr std::uint32_t kProgressive = 1;  // DISPLAYCONFIG_SCANLINE_ORDERING_PROGRESSIVE

std::uint32_t millihertz(const os::DisplayRational& rate) {
    if (rate.denominator == 0) {
        return 0;
    }
    const std::uint64_t rounded =
        (std::uint64_t{rate.numerator} * 1000 + rate.denominator / 2) / rate.denominator;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(rounded, UINT32_MAX));
}

os::DisplayRational rate_of(const Mode& mode) {
    return mode.is_whole_hertz() ? os::DisplayRational{mode.refresh_hz, 1}
                                 : os::DisplayRational{mode.millihertz(), 1000};
}

// A monitor without a cable has no blanking: the total is what is seen.
os::DisplayTiming timing_of(const Mode& mode) {
    const os::DisplayRational rate = rate_of(mode);
    return {.pixel_rate = std::uint64_t{mode.width} * mode.height * mode.millihertz() / 1000,
            .line_rate = {rate.numerator * mode.height, rate.denominator},
            .frame_rate = rate,
            .active_width = mode.width,
            .active_height = mode.height,
            .total_width = mode.width,
            .total_height = mode.height,
            .video_standard = kStandardOther,
            .scan_order = kProgressive};
}

bool same_size(const Mode& a, const Mode& b) {
    return a.width == b.width && a.height == b.height;
}

void set_mode(DisplayPath& path, const Mode& mode) {
    os::DisplaySourceMode source = path.source_mode.value_or(os::DisplaySourceMode{});
    source.width = mode.width;
    source.height = mode.height;
    source.pixel_format = kPixelFormat32Bpp;
    path.source_mode = source;
    path.timing = timing_of(mode);
    path.refresh = rate_of(mode);
    path.scan_order = kProgressive;
}

void move_neighbours(DisplayPaths& paths, const DisplayPath& of, std::uint32_t new_width) {
    const auto old_width = static_cast<std::int32_t>(of.source_mode->width);
    const std::int32_t edge = of.source_mode->x + old_width;
    for (DisplayPath& each : paths) {
        if (each.source != of.source && each.source_mode && each.source_mode->x >= edge) {
            each.source_mode->x += static_cast<std::int32_t>(new_width) - old_width;
        }
    }
}

}  // namespace

Mode committed_mode(const DisplayPath& path) {
    const std::uint32_t rate = millihertz(path.timing ? path.timing->frame_rate : path.refresh);
    return path.source_mode ? Mode::exact(path.source_mode->width, path.source_mode->height, rate)
                            : Mode();
}

bool runs_at(const DisplayPath& path, const Mode& wanted) {
    const Mode now = committed_mode(path);
    const std::uint32_t rate = now.millihertz();
    const std::uint32_t off =
        std::max(rate, wanted.millihertz()) - std::min(rate, wanted.millihertz());
    return same_size(now, wanted) && (rate == 0 || off <= kSameRateMillihertz);
}

DisplayPaths with_mode(const DisplayPaths& seen, const DisplayEnd& target, const Mode& mode) {
    DisplayPaths paths = active_paths(seen);
    const DisplayPath* path = find_active(seen, target);
    if (path != nullptr && path->source_mode) {
        move_neighbours(paths, *path, mode.width);
    }
    for (DisplayPath& each : paths) {
        if (each.target == target) {
            set_mode(each, mode);
        }
    }
    return paths;
}

ModeSwitch::ModeSwitch(const DisplayEnd& target, const Mode& wanted,
                       std::span<const Mode> published)
    : target_(target),
      wanted_(wanted),
      published_(std::ranges::any_of(published,
                                     [&](const Mode& mode) { return same_size(mode, wanted); })) {}

Action ModeSwitch::end(Outcome outcome) {
    outcome_ = outcome;
    return Action::done();
}

Action ModeSwitch::next(const DisplayPaths* seen, std::int64_t now_ns) {
    if (seen == nullptr) {
        return ++blind_looks_ < kMostBlindLooks ? Action::wait_until(now_ns + kAttemptPauseNs)
                                                : end(Outcome::unknown);
    }
    blind_looks_ = 0;
    const DisplayPath* path = find_active(*seen, target_);
    committed_ = path != nullptr ? committed_mode(*path) : Mode();
    if (path != nullptr && runs_at(*path, wanted_)) {
        return end(Outcome::exact);
    }
    if (path != nullptr && !published_) {
        return end(Outcome::unpublished);
    }
    return settle(*seen, now_ns);
}

// A monitor may be dark for some looks while its mode changes.
Action ModeSwitch::settle(const DisplayPaths& seen, std::int64_t now_ns) {
    if (attempts_ > 0 && now_ns < settled_ns_) {
        return Action::wait_until(std::min(now_ns + kLookPauseNs, settled_ns_));
    }
    if (find_active(seen, target_) == nullptr) {
        return end(Outcome::not_active);
    }
    if (attempts_ == kMostAttempts) {
        return end(Outcome::differs);
    }
    ++attempts_;
    settled_ns_ = now_ns + kSettleNs;
    return Action::apply(with_mode(seen, target_, wanted_));
}

}  // namespace pf::host
