#include "demo_checks.hpp"

#include <cmath>
#include <cstring>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pf::cli {
namespace {

constexpr double kMaxPictureGapMs = 1000;
constexpr double kDurationSlackS = 0.25;

std::string row(std::string_view name, const std::string& value) {
    return fmt::format("  {:<34}{}\n", name, value);
}

}  // namespace

std::vector<std::string> broken_promises(const DemoOutcome& o) {
    std::vector<std::string> broken;
    const auto promise = [&broken](bool held, std::string line) {
        if (!held) {
            broken.push_back(std::move(line));
        }
    };
    promise(!o.programs.empty(), "no program runs on the desktop; install xterm and x11-apps");
    promise(o.summary.session.rebuilds == 1,
            fmt::format("{} rebuilds instead of one", o.summary.session.rebuilds));
    promise(o.frames_after_kill > 0, "no picture after the driver was killed");
    promise(o.picture_gap_ms < kMaxPictureGapMs,
            fmt::format("the kill cost {:.0f} ms of picture", o.picture_gap_ms));
    // H.264 counts pixels in pairs: an odd size is written as the next even one.
    promise(o.video.width == o.mode.width + o.mode.width % 2 &&
                o.video.height == o.mode.height + o.mode.height % 2,
            fmt::format("the video is {}x{}", o.video.width, o.video.height));
    promise(std::abs(o.video.rate_hz - o.mode.millihertz() / 1000.0) < 0.5,
            fmt::format("the video says {:.2f} Hz", o.video.rate_hz));
    promise(std::abs(o.video.duration_s - o.recorded_s) < kDurationSlackS,
            fmt::format("the video lasts {:.2f} s, recorded were {:.2f} s", o.video.duration_s,
                        o.recorded_s));
    promise(o.video.frames >= o.summary.frames,
            fmt::format("the video has {} of {} frames", o.video.frames, o.summary.frames));
    promise(o.picture_colours > 2, "the picture is blank");
    return broken;
}

std::string to_text(const DemoOutcome& o) {
    const CaptureSummary& s = o.summary;
    std::string text;
    text +=
        row("desktop", fmt::format("{}: {}", host::to_string(o.mode), fmt::join(o.programs, ", ")));
    text += row("frames", fmt::format("{} in {:.1f} s, {:.1f} fps", s.frames, s.seconds, s.fps()));
    text +=
        row("first frame", fmt::format("{:.1f} ms after the monitor was there", s.first_frame_ms));
    text += row("time after publish",
                fmt::format("p50 {:.0f} us, p99 {:.0f} us", s.latency_us.p50, s.latency_us.p99));
    if (!s.rebuild_log.empty()) {
        text += row("kill -9: noticed after", fmt::format("{:.1f} ms", o.notice_ms));
        text += row("         attached again after",
                    fmt::format("{:.1f} ms", s.rebuild_log[0].recovery_ms));
        text += row("         picture missing for", fmt::format("{:.1f} ms", o.picture_gap_ms));
    }
    text += row(o.video_path, fmt::format("{}x{} {} {:.0f} Hz, {} frames, {:.2f} s", o.video.width,
                                          o.video.height, o.video.codec, o.video.rate_hz,
                                          o.video.frames, o.video.duration_s));
    text += row(o.picture_path, "the last frame");
    return text;
}

std::uint32_t count_colours(const host::FrameView& view, std::uint32_t limit) {
    std::set<std::uint32_t> seen;
    for (std::uint32_t y = 0; y < view.height; ++y) {
        for (std::uint32_t x = 0; x < view.width; ++x) {
            std::uint32_t pixel = 0;
            std::memcpy(&pixel,
                        view.pixels() + std::size_t{y} * view.pitch_bytes() + std::size_t{x} * 4,
                        4);
            if (seen.insert(pixel & 0xFFFFFF).second && seen.size() >= limit) {
                return limit;
            }
        }
    }
    return static_cast<std::uint32_t>(seen.size());
}

}  // namespace pf::cli
