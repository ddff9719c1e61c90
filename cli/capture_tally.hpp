// Counts what happens during a capture. Time is an argument; one thread.
#pragma once

#include <cstdint>

#include <pf/rig/frame_checker.hpp>

#include "capture_summary.hpp"

namespace pf::cli {

class CaptureTally {
public:
    // `opened_ns`: the session is there; `started_ns`: its opening began. os::now_ns().
    CaptureTally(std::int64_t started_ns, std::int64_t opened_ns, bool verify);

    // `now_ns`: the frame is in our hands.
    void frame(const host::FrameView& view, std::int64_t now_ns);
    void timeout() { ++summary_.timeouts; }
    void rebuilt(host::RebuildReason reason, std::int64_t recovery_ns, std::int64_t now_ns);

    std::uint64_t frames() const { return summary_.frames; }
    std::int64_t last_frame_ns() const { return last_ns_; }  // 0: none came
    std::uint64_t rebuilds() const { return summary_.rebuild_log.size(); }

    CaptureSummary summary(const host::SessionStats& session) const;

private:
    void verify(const host::FrameView& view);

    CaptureSummary summary_;
    rig::Series latency_us_;
    rig::FrameChecker checker_;
    std::int64_t opened_ns_;
    std::int64_t first_ns_ = 0;
    std::int64_t last_ns_ = 0;
    bool awaiting_fresh_ = false;
};

}  // namespace pf::cli
