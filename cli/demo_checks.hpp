// What the demo promises, held against what happened. Pure.
#pragma once

#include <string>
#include <vector>

#include <pf/sinks/video_facts.hpp>

#include "capture_summary.hpp"

namespace pf::cli {

struct DemoOutcome {
    host::Mode mode;
    CaptureSummary summary;
    double notice_ms = 0;       // kill until the session noticed
    double picture_gap_ms = 0;  // last frame before the kill until the first one after it
    std::uint64_t frames_after_kill = 0;
    sinks::VideoFacts video;
    double recorded_s = 0;  // from the first frame until the file was closed
    std::string video_path;
    std::string picture_path;
    std::uint32_t picture_colours = 0;
    std::vector<std::string> programs;
};

// One line for each promise that was not kept; empty: all held.
std::vector<std::string> broken_promises(const DemoOutcome& outcome);

std::string to_text(const DemoOutcome& outcome);  // the table

// Different pixel values in a frame, counted up to `limit`.
std::uint32_t count_colours(const host::FrameView& view, std::uint32_t limit);

}  // namespace pf::cli
