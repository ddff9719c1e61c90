// pfvd capture: a monitor at the mode asked for, its frames counted, proven, written.
#include <fmt/format.h>

#include <pf/os/clock.hpp>
#include <pf/os/interrupt.hpp>

#include "capture_tally.hpp"
#include "console.hpp"
#include "driver_program.hpp"
#include "frame_loop.hpp"
#include "json_text.hpp"
#include "supervisor.hpp"
#include "verbs.hpp"

namespace pf::cli {
namespace {

constexpr const char* kVerb = "capture";
constexpr std::int64_t kDriverStart = 20 * os::kSecond;

const char* format_name(host::PixelFormat format) {
    switch (format) {
        case host::PixelFormat::bgra8: return "bgra8";
        case host::PixelFormat::rgb10a2: return "rgb10";
        case host::PixelFormat::rgba16f: return "fp16";
    }
    return "bgra8";
}

// With --supervise: the driver is watched, and the session says when it does not answer.
os::Result<std::unique_ptr<Supervisor>> supervise(CaptureOptions& options) {
    DriverLaunch launch = options.launch;
    if (!options.session.instance.empty()) {
        launch.instance = options.session.instance;
    }
    if (launch.source == "pattern") {
        launch.format = format_name(options.session.format);
    }
    options.session.instance = launch.instance;
    auto supervisor = Supervisor::start(
        {launch.instance, driver_arguments(find_driver_program(launch.program), launch), {}});
    if (!supervisor) {
        return supervisor;
    }
    Supervisor* watched = supervisor->get();
    options.session.on_rebuild = [watched](host::RebuildReason reason, std::uint32_t pid) {
        if (reason == host::RebuildReason::driver_unresponsive) {
            watched->replace(pid);
        }
    };
    auto ready = watched->wait_ready(os::deadline_after(kDriverStart), options.session.cancel);
    if (!ready) {
        return tl::unexpected(ready.error());
    }
    return supervisor;
}

FrameLoop::OpenSink sink_opener(const CaptureOptions& options) {
    if (options.output.empty()) {
        return {};
    }
    return [&options](const host::FrameView& first) {
        const host::SessionOptions& session = options.session;
        sinks::SinkOptions sink;
        sink.path = options.output;
        sink.mode = {first.width, first.height, session.mode.refresh_hz};
        sink.format = first.format;
        sink.codec = options.codec;
        sink.chroma = options.chroma;
        sink.kind = options.container;
        sink.light = {session.max_nits, session.max_frame_avg_nits, session.min_millinits};
        sink.note = [](const std::string& line) { report(kVerb, ExitCode::done, "note: " + line); };
        sink.cancel = session.cancel;
        if (options.seconds > 0) {
            sink.open_deadline_ns =
                os::deadline_after(static_cast<std::int64_t>(options.seconds * 1e9));
        }
        return sinks::open_sink(sink);
    };
}

int fail_capture(ExitCode code, const os::Error& error) {
    return os::interrupted() ? to_int(ExitCode::interrupted) : report(kVerb, code, error);
}

int record(const CaptureOptions& options, host::Session& session, std::int64_t started_ns,
           const Supervisor* supervisor) {
    const std::int64_t opened_ns = os::now_ns();
    CaptureTally tally(started_ns, opened_ns, options.verify);
    Progress progress;
    FrameLoop loop(session, tally, progress, sink_opener(options));
    const std::int64_t end_ns =
        options.seconds > 0 ? os::deadline_after(static_cast<std::int64_t>(options.seconds * 1e9))
                            : os::kNever;
    auto ended = loop.run(end_ns, options.frames);
    auto closed = loop.close_sink();
    progress.clear();
    CaptureSummary summary = tally.summary(session.stats());
    summary.output = loop.wrote() && closed ? options.output : "";
    summary.output_dropped = loop.output_dropped();
    summary.driver_restarts = supervisor != nullptr ? supervisor->restarts() : 0;
    fmt::print(options.output == sinks::kStandardOutput ? stderr : stdout, "{}",
               options.json ? to_json(summary) : to_text(summary));
    if (!closed) {
        return report(kVerb, closed.error().code, closed.error().error);
    }
    if (os::interrupted()) {
        return to_int(ExitCode::interrupted);
    }
    if (!ended) {
        return report(kVerb, ended.error().code, ended.error().error);
    }
    return tally.flawless() ? to_int(ExitCode::done)
                            : report(kVerb, ExitCode::failed,
                                     fmt::format("{} torn, {} stale, {} foreign frames",
                                                 summary.torn, summary.stale, summary.foreign));
}

}  // namespace

int run(const CaptureOptions& given) {
    CaptureOptions options = given;
    const auto cancel = os::interrupt_event();
    if (!cancel) {
        return report(kVerb, ExitCode::failed, cancel.error());
    }
    options.session.cancel = *cancel;
    std::unique_ptr<Supervisor> supervisor;  // ends after the session: the driver outlives it
    if (options.supervise) {
        auto started = supervise(options);
        if (!started) {
            return fail_capture(ExitCode::no_driver, started.error());
        }
        supervisor = std::move(*started);
    }
    const std::int64_t started_ns = os::now_ns();
    auto session = host::Session::open(options.session);
    if (!session) {
        return fail_capture(exit_code_of_open(session.error()), session.error());
    }
    return record(options, **session, started_ns, supervisor.get());
}

}  // namespace pf::cli
