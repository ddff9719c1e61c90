// Takes frames from a session, counts them and hands them to a sink, until a time, a number of
// frames, or the session's end. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <pf/host/session.hpp>
#include <pf/sinks/frame_sink.hpp>

#include "capture_tally.hpp"
#include "console.hpp"
#include "exit_code.hpp"

namespace pf::cli {

enum class LoopEnd { time, frames, closed };

class FrameLoop {
public:
    // Opens the sink for the first frame, which tells the size; empty: frames go nowhere.
    using OpenSink =
        std::function<os::Result<std::unique_ptr<sinks::FrameSink>>(const host::FrameView& first)>;

    // All of it outlives this.
    FrameLoop(host::Session& session, CaptureTally& tally, Progress& progress, OpenSink open_sink)
        : session_(session), tally_(tally), progress_(progress), open_sink_(std::move(open_sink)) {}

    // May be called again to go on. `max_frames` counts from the beginning; 0: no limit.
    tl::expected<LoopEnd, Failure> run(std::int64_t end_ns, std::uint64_t max_frames);

    // Finishes the file. Safe to call after any failure.
    tl::expected<void, Failure> close_sink();

    // The sink was opened: there was a frame, and a place for it.
    bool wrote() const { return wrote_; }
    const host::Frame& last_frame() const { return last_; }

private:
    tl::expected<void, Failure> take(const host::Frame& frame, std::int64_t now_ns);
    void show_progress(std::int64_t now_ns);

    host::Session& session_;
    CaptureTally& tally_;
    Progress& progress_;
    OpenSink open_sink_;
    std::unique_ptr<sinks::FrameSink> sink_;
    bool wrote_ = false;
    host::Frame last_;
    std::int64_t began_ns_ = 0;
};

}  // namespace pf::cli
