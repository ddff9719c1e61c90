#include "frame_loop.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <pf/os/clock.hpp>
#include <pf/os/interrupt.hpp>

namespace pf::cli {
namespace {

constexpr std::int64_t kQuiet = os::kSecond;            // so long without a frame is a timeout
constexpr std::int64_t kTurn = 250 * os::kMillisecond;  // see sinks::FrameSink::idle()

tl::unexpected<rig::Failure> fail_output(const os::Error& error) {
    return tl::unexpected(rig::Failure{rig::ExitCode::output, error});
}

}  // namespace

tl::expected<void, rig::Failure> FrameLoop::begin(const host::Frame& frame) {
    return take(frame, os::now_ns());
}

tl::expected<LoopEnd, rig::Failure> FrameLoop::run(std::int64_t end_ns, std::uint64_t max_frames) {
    if (max_frames > 0 && tally_.frames() >= max_frames) {
        return LoopEnd::frames;
    }
    quiet_since_ns_ = os::now_ns();
    for (std::int64_t now_ns = quiet_since_ns_; now_ns < end_ns; now_ns = os::now_ns()) {
        auto next = session_.next(std::min(now_ns + kTurn, end_ns));
        if (!next) {
            return tl::unexpected(rig::Failure{rig::exit_code_of_run(next.error()), next.error()});
        }
        now_ns = os::now_ns();
        show_progress(now_ns);
        switch (next->kind) {
            case host::NextKind::closed: return LoopEnd::closed;
            case host::NextKind::rebuilt:
                tally_.rebuilt(next->reason, next->recovery_ns, now_ns);
                break;
            case host::NextKind::cursor:
            case host::NextKind::woken:
            case host::NextKind::timeout:
                if (auto rested = rest(now_ns); !rested) {
                    return tl::unexpected(rested.error());
                }
                break;
            case host::NextKind::frame:
                if (auto taken = take(next->frame, now_ns); !taken) {
                    return tl::unexpected(taken.error());
                }
                if (tally_.frames() == max_frames) {
                    return LoopEnd::frames;
                }
                break;
        }
    }
    return LoopEnd::time;
}

tl::expected<void, rig::Failure> FrameLoop::rest(std::int64_t now_ns) {
    if (now_ns - quiet_since_ns_ >= kQuiet) {
        tally_.timeout();
        quiet_since_ns_ = now_ns;
    }
    if (sink_) {
        if (auto rested = sink_->idle(now_ns); !rested) {
            return fail_output(rested.error());
        }
    }
    return {};
}

tl::expected<void, rig::Failure> FrameLoop::take(const host::Frame& frame, std::int64_t now_ns) {
    last_ = {};
    quiet_since_ns_ = now_ns;
    tally_.frame(frame.view(), now_ns);
    if (open_sink_ && !sink_) {
        auto opened = open_sink_(frame.view());
        if (!opened) {  // a FIFO without a reader was waited for until somebody wanted the end
            return os::interrupted()
                       ? tl::unexpected(rig::Failure{rig::ExitCode::interrupted, opened.error()})
                       : fail_output(opened.error());
        }
        sink_ = std::move(*opened);
        wrote_ = true;
    }
    if (sink_) {
        if (auto pushed = sink_->push(frame); !pushed) {
            return fail_output(pushed.error());
        }
    }
    last_ = frame;
    return {};
}

tl::expected<void, rig::Failure> FrameLoop::close_sink() {
    if (!sink_) {
        return {};
    }
    auto closed = sink_->close(os::now_ns());
    output_dropped_ = sink_->dropped();
    sink_.reset();
    if (!closed) {
        return fail_output(closed.error());
    }
    return {};
}

void FrameLoop::show_progress(std::int64_t now_ns) {
    if (began_ns_ == 0) {
        began_ns_ = now_ns;
    }
    if (progress_.due(now_ns)) {
        const double seconds = static_cast<double>(now_ns - began_ns_) / 1e9;
        progress_.show(
            now_ns,
            fmt::format("{:6.1f} s  {} frames  {:.1f} fps  {} rebuilds", seconds, tally_.frames(),
                        static_cast<double>(tally_.frames()) / std::max(seconds, 0.1),
                        tally_.rebuilds()));
    }
}

}  // namespace pf::cli
