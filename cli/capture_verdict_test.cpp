#include "capture_verdict.hpp"

#include <gtest/gtest.h>
#include <pf/os/clock.hpp>

namespace pf::cli {
namespace {

CaptureSummary with_frames(std::uint64_t frames) {
    CaptureSummary summary;
    summary.frames = frames;
    summary.session.instance = "main";
    return summary;
}

rig::Failure failure(rig::ExitCode code, const char* detail) {
    return {code, {"do it", 0, os::Reaction::reject, detail}};
}

TEST(CaptureVerdict, AllThatWasAskedForIsASuccess) {
    CaptureEnd end;
    EXPECT_EQ(judge_capture(end, with_frames(1)).code, rig::ExitCode::done);
    end.frames_asked = 30;
    const auto verdict = judge_capture(end, with_frames(30));
    EXPECT_EQ(verdict.code, rig::ExitCode::done);
    EXPECT_EQ(verdict.why, "");
}

TEST(CaptureVerdict, NoFrameSaysWhy) {
    CaptureEnd end;
    end.silent_ns = 3 * os::kSecond;
    CaptureSummary summary = with_frames(0);
    EXPECT_EQ(judge_capture(end, summary).code, rig::ExitCode::no_frame);
    EXPECT_NE(judge_capture(end, summary).why.find("'main'"), std::string::npos);
    summary.session.no_frame = "rgb10 is not what this source has";
    EXPECT_EQ(judge_capture(end, summary).why,
              "no frame came in 3.0 s: rgb10 is not what this source has");
}

TEST(CaptureVerdict, FewerFramesThanAskedForAreNoSuccess) {
    CaptureEnd end;
    end.frames_asked = 100;
    const auto verdict = judge_capture(end, with_frames(12));
    EXPECT_EQ(verdict.code, rig::ExitCode::failed);
    EXPECT_NE(verdict.why.find("12 of 100"), std::string::npos);
}

TEST(CaptureVerdict, AnEndThatStandsStillIsNoSuccess) {
    CaptureEnd end;
    CaptureSummary summary = with_frames(50);
    summary.session.rebuilding = host::RebuildReason::driver_died;
    EXPECT_EQ(judge_capture(end, summary).code, rig::ExitCode::done) << "it is being replaced";
    end.silent_ns = 4 * os::kSecond;
    EXPECT_EQ(judge_capture(end, summary).code, rig::ExitCode::driver_lost);
    summary.session.rebuilding.reset();
    EXPECT_EQ(judge_capture(end, summary).code, rig::ExitCode::done) << "an idle desktop";
}

TEST(CaptureVerdict, AnInterruptIsNoFailureButHidesNone) {
    CaptureEnd end;
    end.interrupted = true;
    end.frames_asked = 100;
    EXPECT_EQ(judge_capture(end, with_frames(3)).code, rig::ExitCode::interrupted);
    EXPECT_EQ(judge_capture(end, with_frames(3)).why, "");
    EXPECT_NE(judge_capture(end, with_frames(0)).why, "") << "no file was written";
    end.file_gone = true;
    EXPECT_EQ(judge_capture(end, with_frames(3)).code, rig::ExitCode::output);
    end.file_gone = false;
    end.close = failure(rig::ExitCode::output, "disk full");
    EXPECT_EQ(judge_capture(end, with_frames(3)).code, rig::ExitCode::output);
}

TEST(CaptureVerdict, AnInterruptWhileTheOutputWaitsForItsReaderSaysSo) {
    CaptureEnd end;
    end.interrupted = true;
    end.session = failure(rig::ExitCode::interrupted, "nobody reads it");
    const auto verdict = judge_capture(end, with_frames(1));
    EXPECT_EQ(verdict.code, rig::ExitCode::interrupted);
    EXPECT_NE(verdict.why.find("nobody reads it"), std::string::npos);
}

TEST(CaptureVerdict, TheLostOutputComesBeforeTheLostDriver) {
    CaptureEnd end;
    end.session = failure(rig::ExitCode::driver_lost, "gone");
    EXPECT_EQ(judge_capture(end, with_frames(3)).code, rig::ExitCode::driver_lost);
    end.close = failure(rig::ExitCode::output, "disk full");
    EXPECT_EQ(judge_capture(end, with_frames(3)).code, rig::ExitCode::output);
    end.session = failure(rig::ExitCode::output, "the first word");
    EXPECT_NE(judge_capture(end, with_frames(3)).why.find("the first word"), std::string::npos);
}

TEST(CaptureVerdict, DamagedFramesAreCounted) {
    CaptureSummary summary = with_frames(10);
    summary.torn = 2;
    EXPECT_EQ(judge_capture({}, summary).code, rig::ExitCode::failed);
    EXPECT_EQ(judge_capture({}, summary).why, "2 torn, 0 stale, 0 foreign frames");
}

}  // namespace
}  // namespace pf::cli
