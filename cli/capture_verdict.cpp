#include "capture_verdict.hpp"

#include <fmt/format.h>

#include <pf/os/clock.hpp>

namespace pf::cli {
namespace {

// A driver that is being replaced right now is no lost one.
constexpr std::int64_t kAway = 2 * os::kSecond;

CaptureVerdict verdict(const rig::Failure& failure) {
    return {failure.code, failure.error.message()};
}

bool is_output(const std::optional<rig::Failure>& failure) {
    return failure && failure->code == rig::ExitCode::output;
}

std::string why_no_frame(const CaptureSummary& s, std::int64_t silent_ns) {
    return fmt::format("no frame came in {:.1f} s: {}", static_cast<double>(silent_ns) / 1e9,
                       s.session.no_frame.empty()
                           ? fmt::format("instance '{}' has published none in this time; record "
                                         "longer, or see the driver's log",
                                         s.session.instance)
                           : s.session.no_frame);
}

// Without an interrupt, and with everything written that came.
CaptureVerdict judge_content(const CaptureEnd& end, const CaptureSummary& s) {
    if (s.frames == 0) {
        return {rig::ExitCode::no_frame, why_no_frame(s, end.silent_ns)};
    }
    if (s.frames < end.frames_asked) {
        return {rig::ExitCode::failed, fmt::format("{} of {} frames came before the time was over",
                                                   s.frames, end.frames_asked)};
    }
    if (s.session.rebuilding && end.silent_ns >= kAway) {
        return {rig::ExitCode::driver_lost,
                fmt::format("the driver is away ({}): the last {:.1f} s stand still",
                            host::to_string(*s.session.rebuilding),
                            static_cast<double>(end.silent_ns) / 1e9)};
    }
    if (s.torn + s.stale + s.foreign > 0) {
        return {rig::ExitCode::failed,
                fmt::format("{} torn, {} stale, {} foreign frames", s.torn, s.stale, s.foreign)};
    }
    return {};
}

}  // namespace

CaptureVerdict judge_capture(const CaptureEnd& end, const CaptureSummary& s) {
    if (is_output(end.session)) {
        return verdict(*end.session);
    }
    if (end.close) {
        return verdict(*end.close);
    }
    if (end.file_gone) {
        return {rig::ExitCode::output, "the file was removed while it was written; record again"};
    }
    if (end.session && end.session->code == rig::ExitCode::interrupted) {
        return verdict(*end.session);
    }
    if (end.interrupted) {
        return {rig::ExitCode::interrupted, s.frames == 0 ? why_no_frame(s, end.silent_ns) : ""};
    }
    return end.session ? verdict(*end.session) : judge_content(end, s);
}

}  // namespace pf::cli
