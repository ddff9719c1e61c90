// What a capture came to, and how it is printed. Plain data and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <pf/host/session.hpp>
#include <pf/rig/series.hpp>

namespace pf::cli {

struct RebuildRecord {
    std::string reason;
    std::int64_t noticed_ns = 0;  // on os::now_ns(), the same clock in every process here
    double recovery_ms = 0;       // noticed until the ring is attached again
    double fresh_frame_ms = -1;   // noticed until the first frame after it; negative: none came
};

struct CaptureSummary {
    host::SessionStats session;
    std::uint64_t frames = 0;
    double seconds = 0;          // from the first frame to the last
    std::uint64_t timeouts = 0;  // seconds without a frame
    std::vector<RebuildRecord> rebuild_log;
    bool verified = false;
    std::uint64_t torn = 0, stale = 0, foreign = 0;
    rig::Percentiles latency_us;        // time after publish: published until leased
    double open_ms = 0;                 // finding the driver, adding the monitor, attaching
    double first_frame_ms = 0;          // after that; negative: no frame came
    double longest_gap_ms = 0;          // between two frames
    std::uint64_t driver_restarts = 0;  // by --supervise
    std::string output;                 // file that is there and whole; empty: none
    std::uint64_t output_dropped = 0;   // frames that its reader was too slow for
    int exit_code = 0;                  // of the whole capture
    std::string error;                  // why; empty: nothing went wrong

    double fps() const {
        return frames > 1 && seconds > 0 ? static_cast<double>(frames - 1) / seconds : 0;
    }
};

std::string to_text(const CaptureSummary& summary);  // a few lines for people, newline at the end

}  // namespace pf::cli
