// pfvd demo: a real X desktop, out of a driver process, into a file; half-way the driver is killed.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <pf/os/interrupt.hpp>
#include <pf/os/runtime_dir.hpp>
#include <pf/rig/console.hpp>
#include <pf/rig/desktop.hpp>
#include <pf/rig/driver_program.hpp>
#include <pf/rig/failure.hpp>
#include <pf/rig/private_runtime.hpp>
#include <pf/rig/supervisor.hpp>

#include "demo_checks.hpp"
#include "frame_loop.hpp"
#include "json_text.hpp"
#include "verbs.hpp"

namespace pf::cli {
namespace {

constexpr const char* kWho = "pfvd demo";
constexpr const char* kInstance = "demo";
constexpr std::int64_t kStart = 20 * os::kSecond;

template <typename T>
using Step = tl::expected<T, rig::Failure>;

tl::unexpected<rig::Failure> stop_with(rig::ExitCode code, const os::Error& error) {
    return tl::unexpected(rig::Failure{code, error});
}

// Members end in reverse: programs, session, driver and its server, directory.
struct Stage {
    explicit Stage(os::LastResort& resort) : last_resort(resort) {}
    ~Stage();
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    os::LastResort& last_resort;
    std::unique_ptr<rig::PrivateRuntime> runtime;
    std::shared_ptr<rig::Supervisor> supervisor;
    std::unique_ptr<host::Session> session;
    rig::DesktopPrograms programs;
    std::int64_t started_ns = 0;
    std::int64_t opened_ns = 0;
};

// The last resort shares the supervisor: it has to be told.
Stage::~Stage() {
    programs = {};
    session.reset();
    if (supervisor) {
        supervisor->end(os::StopHow::ask);
    }
}

std::string instance_directory() {
    return os::runtime_directory() + "/" + kInstance;
}

Step<void> start_driver(Stage& stage, const DemoOptions& options, const os::Flag& cancel) {
    auto runtime = rig::PrivateRuntime::make(stage.last_resort);
    if (!runtime) {
        return stop_with(rig::ExitCode::output, runtime.error());
    }
    stage.runtime = std::move(*runtime);
    rig::DriverLaunch launch;
    launch.instance = kInstance;
    launch.source = "x11";
    auto supervisor = rig::Supervisor::start(
        {kInstance, rig::driver_arguments(rig::find_driver_program(options.driver), launch), {}});
    if (!supervisor) {
        return stop_with(rig::ExitCode::no_driver, supervisor.error());
    }
    stage.supervisor = std::move(*supervisor);
    stage.last_resort.also([driver = stage.supervisor] { driver->end(os::StopHow::kill); });
    auto ready = stage.supervisor->wait_ready(os::deadline_after(kStart), &cancel);
    return ready ? Step<void>() : stop_with(rig::ExitCode::no_driver, ready.error());
}

Step<void> open_session(Stage& stage, const DemoOptions& options, const os::Flag& cancel) {
    host::SessionOptions session;
    session.mode = options.mode;
    session.instance = kInstance;
    session.cancel = &cancel;
    session.on_rebuild = [&stage](host::RebuildReason reason, std::uint32_t pid) {
        if (reason == host::RebuildReason::driver_unresponsive) {
            stage.supervisor->replace(pid);
        }
    };
    stage.started_ns = os::now_ns();
    auto opened = host::Session::open(session);
    if (!opened) {
        return stop_with(rig::exit_code_of_open(opened.error()), opened.error());
    }
    stage.opened_ns = os::now_ns();
    stage.session = std::move(*opened);
    if (const auto server = os::noted_display_server(instance_directory())) {
        stage.programs.start(*server, options.mode, stage.runtime->path());
    }
    return {};
}

// kill -9, from outside, as it would happen.
std::int64_t kill_driver(std::uint32_t pid) {
    if (auto process = os::Process::open(pid)) {
        os::stop_process(*process, os::StopHow::kill);
    }
    return os::now_ns();
}

Step<void> write_picture(const DemoOptions& options, const host::Frame& frame) {
    sinks::SinkOptions picture;
    picture.path = options.picture;
    picture.mode = options.mode;
    picture.format = frame.view().format;
    auto sink = sinks::open_sink(picture);
    auto done = sink ? (*sink)->push(frame) : os::Result<void>(tl::unexpected(sink.error()));
    if (done) {
        done = (*sink)->close(0);
    }
    return done ? Step<void>() : stop_with(rig::ExitCode::output, done.error());
}

// Half of the time, the kill, the other half.
Step<LoopEnd> run_through_kill(Stage& stage, FrameLoop& loop, CaptureTally& tally,
                               const DemoOptions& options, DemoOutcome& outcome) {
    const auto half_ns = static_cast<std::int64_t>(options.seconds * 0.5e9);
    const std::int64_t kill_at_ns = os::deadline_after(half_ns);
    auto ended = loop.run(kill_at_ns, 0);
    if (!ended || *ended != LoopEnd::time) {
        return ended;
    }
    const std::uint64_t frames_before = tally.frames();
    const std::int64_t last_ns =
        loop.last_frame() ? loop.last_frame().view().times.leased_ns : os::now_ns();
    const std::int64_t killed_ns = kill_driver(stage.session->stats().driver_pid);
    ended = loop.run(kill_at_ns + half_ns, 0);
    outcome.frames_after_kill = tally.frames() - frames_before;
    outcome.summary = tally.summary(stage.session->stats());
    if (!outcome.summary.rebuild_log.empty()) {
        const RebuildRecord& rebuild = outcome.summary.rebuild_log.front();
        outcome.notice_ms = static_cast<double>(rebuild.noticed_ns - killed_ns) / 1e6;
        outcome.picture_gap_ms =
            static_cast<double>(rebuild.noticed_ns - last_ns) / 1e6 + rebuild.fresh_frame_ms;
    }
    return ended;
}

os::Error no_frame(const host::SessionStats& stats) {
    return {"record the desktop", 0, os::Reaction::retry,
            stats.no_frame.empty() ? "no frame came" : "no frame came: " + stats.no_frame};
}

Step<LoopEnd> record(Stage& stage, const DemoOptions& options, DemoOutcome& outcome) {
    CaptureTally tally(stage.started_ns, stage.opened_ns, false);
    rig::Progress progress;
    std::int64_t first_ns = 0;
    FrameLoop loop(*stage.session, tally, progress, [&](const host::FrameView& first) {
        first_ns = first.times.leased_ns;
        sinks::SinkOptions video;
        video.path = options.video;
        video.mode = options.mode;
        video.format = first.format;
        video.open_deadline_ns =
            os::deadline_after(static_cast<std::int64_t>(options.seconds * 1e9));
        if (const auto cancel = os::interrupt_flag()) {
            video.cancel = *cancel;
        }
        return sinks::open_sink(video);
    });
    auto ended = run_through_kill(stage, loop, tally, options, outcome);
    outcome.recorded_s = static_cast<double>(os::now_ns() - first_ns) / 1e9;
    if (auto closed = loop.close_sink(); !closed && ended) {
        return tl::unexpected(closed.error());
    }
    if (ended && tally.frames() == 0 && !os::interrupted()) {
        return stop_with(rig::ExitCode::no_frame, no_frame(stage.session->stats()));
    }
    if (ended && loop.last_frame()) {
        outcome.picture_colours = count_colours(loop.last_frame().view(), 64);
        if (auto written = write_picture(options, loop.last_frame()); !written) {
            return tl::unexpected(written.error());
        }
    }
    return ended;
}

int fail_demo(const DemoOptions& options, const rig::Failure& failure) {
    return rig::fail_program(kWho, options.json, failure.code, failure.error);
}

int judge(const DemoOptions& options, DemoOutcome& outcome) {
    auto facts = sinks::read_video_facts(options.video);
    if (!facts) {
        return fail_demo(options, {rig::ExitCode::output, facts.error()});
    }
    outcome.video = *facts;
    const auto broken = broken_promises(outcome);
    if (broken.empty()) {
        return rig::print(kWho, options.json ? to_json(outcome) : to_text(outcome));
    }
    (void)rig::write_output(options.json ? to_json(outcome) : to_text(outcome));
    return rig::report(kWho, rig::ExitCode::failed,
                       fmt::format("not as promised: {}", fmt::join(broken, "; ")));
}

}  // namespace

int run(const DemoOptions& options) {
    const auto cancel = os::interrupt_flag();
    const auto last_resort = os::LastResort::stand_by(rig::to_int(rig::ExitCode::interrupted));
    if (!cancel || !last_resort) {
        return fail_demo(options,
                         {rig::ExitCode::failed, cancel ? last_resort.error() : cancel.error()});
    }
    DemoOutcome outcome;
    outcome.mode = options.mode;
    outcome.video_path = options.video;
    outcome.picture_path = options.picture;
    {
        Stage stage(**last_resort);
        auto staged = start_driver(stage, options, **cancel);
        if (staged) {
            staged = open_session(stage, options, **cancel);
        }
        if (!staged) {
            return fail_demo(options, staged.error());
        }
        if (auto ended = record(stage, options, outcome); !ended) {
            return fail_demo(options, ended.error());
        }
        outcome.programs = stage.programs.names();
        outcome.summary.output = options.video;
        outcome.summary.driver_restarts = stage.supervisor->restarts();
    }
    return os::interrupted() ? rig::to_int(rig::ExitCode::interrupted) : judge(options, outcome);
}

}  // namespace pf::cli
