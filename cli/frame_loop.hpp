// Takes frames from a session, counts them and hands them to a sink, until a time, a number of
// frames, or the session's end. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <pf/host/session.hpp>
#include <pf/rig/console.hpp>
#include <pf/rig/exit_code.hpp>
#include <pf/sinks/frame_sink.hpp>

#include "capture_tally.hpp"

namespace pf::cli {

enum class LoopEnd { time, frames, closed };

class FrameLoop {
public:
    // Opens the sink for the first frame, which tells the size; empty: frames go nowhere.
    using OpenSink =
        std::function<os::Result<std::unique_ptr<sinks::FrameSink>>(const host::FrameView& first)>;

    // All of it outlives this.
    FrameLoop(host::Session& session, CaptureTally& tally, rig::Progress& progress,
              OpenSink open_sink)
        : session_(session), tally_(tally), progress_(progress), open_sink_(std::move(open_sink)) {}

    // A frame that was taken from the session before this.
    tl::expected<void, rig::Failure> begin(const host::Frame& frame);

    // May be called again to go on. `max_frames` counts from the beginning; 0: no limit.
    tl::expected<LoopEnd, rig::Failure> run(std::int64_t end_ns, std::uint64_t max_frames);

    // Finishes the file. Safe to call after any failure.
    tl::expected<void, rig::Failure> close_sink();

    // The sink was opened: there was a frame, and a place for it.
    bool wrote() const { return wrote_; }
    // Frames that the sink took and did not write; complete after close_sink().
    std::uint64_t output_dropped() const { return output_dropped_; }
    const host::Frame& last_frame() const { return last_; }

private:
    tl::expected<void, rig::Failure> rest(std::int64_t now_ns);
    tl::expected<void, rig::Failure> take(const host::Frame& frame, std::int64_t now_ns);
    void show_progress(std::int64_t now_ns);

    host::Session& session_;
    CaptureTally& tally_;
    rig::Progress& progress_;
    OpenSink open_sink_;
    std::unique_ptr<sinks::FrameSink> sink_;
    bool wrote_ = false;
    std::uint64_t output_dropped_ = 0;
    std::int64_t quiet_since_ns_ = 0;
    host::Frame last_;
    std::int64_t began_ns_ = 0;
};

}  // namespace pf::cli
