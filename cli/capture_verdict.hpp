// What a capture came to as an exit code and a reason: success is what was asked for, all of it.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <pf/rig/exit_code.hpp>

#include "capture_summary.hpp"

namespace pf::cli {

// How the recording ended, beside what its summary says.
struct CaptureEnd {
    std::optional<rig::Failure> session;  // it failed, or its frame could not be written
    std::optional<rig::Failure> close;    // the file could not be finished
    bool interrupted = false;
    bool file_gone = false;          // it was written, and somebody removed it
    std::uint64_t frames_asked = 0;  // 0: as many as come
    std::int64_t silent_ns = 0;      // from the last frame, else from the session's begin
};

struct CaptureVerdict {
    rig::ExitCode code = rig::ExitCode::done;
    std::string why;  // for people, one line; empty: nothing to say
};

CaptureVerdict judge_capture(const CaptureEnd& end, const CaptureSummary& summary);

}  // namespace pf::cli
