#include "capture_tally.hpp"

#include <algorithm>

namespace pf::cli {
namespace {

double to_ms(std::int64_t ns) {
    return static_cast<double>(ns) / 1e6;
}

}  // namespace

CaptureTally::CaptureTally(std::int64_t started_ns, std::int64_t opened_ns, bool verify)
    : opened_ns_(opened_ns) {
    summary_.verified = verify;
    summary_.open_ms = to_ms(opened_ns - started_ns);
    summary_.first_frame_ms = -1;
}

void CaptureTally::frame(const host::FrameView& view, std::int64_t now_ns) {
    if (summary_.frames++ == 0) {
        first_ns_ = now_ns;
        summary_.first_frame_ms = to_ms(now_ns - opened_ns_);
    } else {
        summary_.longest_gap_ms = std::max(summary_.longest_gap_ms, to_ms(now_ns - last_ns_));
    }
    last_ns_ = now_ns;
    if (awaiting_fresh_) {
        awaiting_fresh_ = false;
        RebuildRecord& last = summary_.rebuild_log.back();
        last.fresh_frame_ms = to_ms(now_ns - last.noticed_ns);
    }
    const host::FrameTimes& times = view.times;
    if (times.published_ns > 0 && times.leased_ns >= times.published_ns) {
        latency_us_.add(static_cast<double>(times.leased_ns - times.published_ns) / 1e3);
    }
    if (summary_.verified) {
        verify(view);
    }
}

void CaptureTally::verify(const host::FrameView& view) {
    switch (checker_.check(view)) {
        case rig::Verdict::whole: break;
        case rig::Verdict::torn: ++summary_.torn; break;
        case rig::Verdict::foreign: ++summary_.foreign; break;
        case rig::Verdict::stale: ++summary_.stale; break;
    }
}

void CaptureTally::rebuilt(host::RebuildReason reason, std::int64_t recovery_ns,
                           std::int64_t now_ns) {
    summary_.rebuild_log.push_back(
        {std::string(host::to_string(reason)), now_ns - recovery_ns, to_ms(recovery_ns)});
    awaiting_fresh_ = true;
    checker_.start_over();
}

CaptureSummary CaptureTally::summary(const host::SessionStats& session) const {
    CaptureSummary summary = summary_;
    summary.session = session;
    summary.seconds = static_cast<double>(last_ns_ - first_ns_) / 1e9;
    summary.latency_us = latency_us_.percentiles();
    return summary;
}

}  // namespace pf::cli
