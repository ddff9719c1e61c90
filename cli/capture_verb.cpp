// pfvd capture: a monitor at the mode asked for, its frames counted, proven, written.
#include <algorithm>
#include <filesystem>

#include <pf/os/clock.hpp>
#include <pf/os/interrupt.hpp>
#include <pf/rig/console.hpp>
#include <pf/rig/driver_program.hpp>
#include <pf/rig/failure.hpp>
#include <pf/rig/supervisor.hpp>

#include "capture_tally.hpp"
#include "capture_verdict.hpp"
#include "frame_loop.hpp"
#include "json_text.hpp"
#include "screens.hpp"
#include "verbs.hpp"

namespace pf::cli {
namespace {

constexpr const char* kWho = "pfvd capture";
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
os::Result<std::shared_ptr<rig::Supervisor>> supervise(CaptureOptions& options,
                                                       os::LastResort& last_resort) {
    rig::DriverLaunch launch = options.launch;
    if (!options.session.instance.empty()) {
        launch.instance = options.session.instance;
    }
    if (launch.source == "pattern") {
        launch.format = format_name(options.session.format);
    }
    options.session.instance = launch.instance;
    auto supervisor = rig::Supervisor::start(
        {launch.instance,
         rig::driver_arguments(rig::find_driver_program(launch.program), launch),
         {}});
    if (!supervisor) {
        return supervisor;
    }
    last_resort.also([watched = *supervisor] { watched->end(os::StopHow::kill); });
    options.session.on_rebuild = [watched = supervisor->get()](host::RebuildReason reason,
                                                               std::uint32_t pid) {
        if (reason == host::RebuildReason::driver_unresponsive) {
            watched->replace(pid);
        }
    };
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
        sink.mode = {first.width, first.height, session.mode.refresh_hz,
                     session.mode.refresh_millihertz};
        sink.format = first.format;
        sink.codec = options.codec;
        sink.chroma = options.chroma;
        sink.kind = options.container;
        sink.light = {session.max_nits, session.max_frame_avg_nits, session.min_millinits};
        sink.note = [](const std::string& line) {
            rig::report(kWho, rig::ExitCode::done, "note: " + line);
        };
        sink.cancel = session.cancel;
        if (options.seconds > 0) {
            sink.open_deadline_ns =
                os::deadline_after(static_cast<std::int64_t>(options.seconds * 1e9));
        }
        return sinks::open_sink(sink);
    };
}

// What is told goes where the recording does not.
os::Result<void> tell(const CaptureOptions& options, const std::string& text) {
    if (options.output == sinks::kStandardOutput) {
        rig::print_aside(text);
        return {};
    }
    return rig::write_output(text);
}

int fail_capture(const CaptureOptions& options, rig::ExitCode code, const os::Error& error) {
    return rig::fail_program(kWho, options.json && options.output != "-", code, error);
}

// One line at most, about what weighs more: the recording, or that nobody reads of it.
int conclude(const CaptureOptions& options, const CaptureSummary& summary,
             const CaptureVerdict& verdict) {
    const auto told = tell(options, options.json ? to_json(summary) : to_text(summary));
    const bool lost =
        verdict.code != rig::ExitCode::done && verdict.code != rig::ExitCode::interrupted;
    if (!told && !lost) {
        return rig::report(kWho, rig::ExitCode::output, told.error());
    }
    return verdict.why.empty() ? rig::to_int(verdict.code)
                               : rig::report(kWho, verdict.code, verdict.why);
}

// Beside the capture's own outcome.
template <typename T>
void note_failure(const os::Result<T>& outcome) {
    if (!outcome) {
        rig::report(kWho, rig::ExitCode::done, "note: " + outcome.error().message());
    }
}

bool is_there(const std::string& path) {
    std::error_code unreadable;
    return path == sinks::kStandardOutput || std::filesystem::exists(path, unreadable);
}

template <typename T>
std::optional<rig::Failure> failure_of(const tl::expected<T, rig::Failure>& outcome) {
    return outcome ? std::nullopt : std::optional(outcome.error());
}

// What the loop does, after the frame that the wait for the monitor's picture has taken.
tl::expected<LoopEnd, rig::Failure> run_loop(FrameLoop& loop, const CaptureOptions& options,
                                             const std::optional<host::Frame>& first) {
    const std::int64_t end_ns =
        options.seconds > 0 ? os::deadline_after(static_cast<std::int64_t>(options.seconds * 1e9))
                            : os::kNever;
    if (first) {
        if (auto begun = loop.begin(*first); !begun) {
            return tl::unexpected(begun.error());
        }
    }
    return loop.run(end_ns, options.frames);
}

int record(const CaptureOptions& options, host::Session& session, std::int64_t started_ns,
           const rig::Supervisor* supervisor, const std::optional<host::Frame>& first) {
    const std::int64_t opened_ns = os::now_ns();
    CaptureTally tally(started_ns, opened_ns, options.verify);
    rig::Progress progress;
    FrameLoop loop(session, tally, progress, sink_opener(options));
    CaptureEnd end;
    end.frames_asked = options.frames;
    end.session = failure_of(run_loop(loop, options, first));
    end.silent_ns = os::now_ns() - std::max(tally.last_frame_ns(), opened_ns);
    end.close = failure_of(loop.close_sink());
    progress.clear();
    end.interrupted = os::interrupted();
    end.file_gone = loop.wrote() && !is_there(options.output);
    CaptureSummary summary = tally.summary(session.stats());
    summary.output_dropped = loop.output_dropped();
    summary.driver_restarts = supervisor != nullptr ? supervisor->restarts() : 0;
    const CaptureVerdict verdict = judge_capture(end, summary);
    summary.output = loop.wrote() && verdict.code != rig::ExitCode::output ? options.output : "";
    summary.exit_code = rig::to_int(verdict.code);
    summary.error = verdict.why;
    return conclude(options, summary, verdict);
}

int record_isolated(const CaptureOptions& options, host::Session& session, std::int64_t started_ns,
                    const rig::Supervisor* supervisor, Screens& screens) {
    const auto first = screens.first_frame(session);
    const int code =
        first ? record(options, session, started_ns, supervisor, *first)
              : fail_capture(options, rig::exit_code_of_run(first.error()), first.error());
    note_failure(screens.give_back());
    return code;
}

int open_and_record(const CaptureOptions& options, rig::Supervisor* supervisor, Screens* screens) {
    const std::int64_t started_ns = os::now_ns();
    auto session = host::Session::open(options.session);
    if (!session) {
        return fail_capture(options, rig::exit_code_of_open(session.error()), session.error());
    }
    return screens != nullptr
               ? record_isolated(options, **session, started_ns, supervisor, *screens)
               : record(options, **session, started_ns, supervisor, std::nullopt);
}

int capture_isolated(CaptureOptions options, rig::Supervisor* supervisor) {
    const auto screens = Screens::open(options.session.cancel);
    if (!screens) {
        return fail_capture(options, rig::ExitCode::refused, screens.error());
    }
    (*screens)->care_for(options.session);
    return open_and_record(options, supervisor, screens->get());
}

int capture(const CaptureOptions& options, rig::Supervisor* supervisor) {
    if (supervisor != nullptr) {
        auto ready =
            supervisor->wait_ready(os::deadline_after(kDriverStart), options.session.cancel);
        if (!ready) {
            return fail_capture(options, rig::ExitCode::no_driver, ready.error());
        }
    }
    return options.isolate ? capture_isolated(options, supervisor)
                           : open_and_record(options, supervisor, nullptr);
}

}  // namespace

int run(const CaptureOptions& given) {
    CaptureOptions options = given;
    const auto cancel = os::interrupt_flag();
    const auto last_resort = os::LastResort::stand_by(rig::to_int(rig::ExitCode::interrupted));
    if (!cancel || !last_resort) {
        return fail_capture(options, rig::ExitCode::failed,
                            cancel ? last_resort.error() : cancel.error());
    }
    options.session.cancel = *cancel;
    note_failure(Screens::recover());
    std::shared_ptr<rig::Supervisor> supervisor;  // ends after the session: the driver outlives it
    if (options.supervise) {
        auto started = supervise(options, **last_resort);
        if (!started) {
            return fail_capture(options, rig::ExitCode::no_driver, started.error());
        }
        supervisor = std::move(*started);
    }
    const int code = capture(options, supervisor.get());
    if (supervisor) {
        supervisor->end(os::StopHow::ask);
    }
    return code;
}

}  // namespace pf::cli
