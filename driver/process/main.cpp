// The Linux driver process: one instance of the device interface, served in the foreground until
// it is interrupted (see os::interrupt_flag()).
#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <exception>

#include <pf/os/instance_directory.hpp>
#include <pf/os/interrupt.hpp>
#include <pf/os/process.hpp>
#include <pf/os/program_start.hpp>
#include <pf/os/stream.hpp>

#include "driver_options.hpp"
#include "instance_notes.hpp"
#include "log_sink.hpp"
#include "pattern/pattern_source.hpp"
#include "process/control/ioctl_server.hpp"
#include "process/runtime/adapter_number.hpp"
#include "process/runtime/runtime.hpp"
#ifdef PF_HAVE_X11
#include "x11/x11_source.hpp"
#endif

namespace pf::driver {
namespace {

using SourceResult = os::Result<std::unique_ptr<FrameSource>>;

constexpr std::int64_t kLastWords = os::kSecond;  // for the reader of an error

// One line for people; the log may be a file.
void say(const std::string& line) {
    (void)os::write_stream(os::Stream::error, "pf-vdisplay-driver: " + line + "\n",
                           os::deadline_after(kLastWords));
}

spdlog::sink_ptr log_sink(const DriverOptions& options) {
    if (options.log_file.empty()) {
        return std::make_shared<LogSink>();
    }
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.log_file);
}

bool set_up_log(const DriverOptions& options) {
    try {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("driver", log_sink(options)));
    } catch (const spdlog::spdlog_ex& error) {
        say(error.what());
        return false;
    }
    spdlog::set_error_handler(
        [](const std::string&) {});  // a line is lost; there is no other place
    spdlog::set_level(spdlog::level::from_str(options.log_level));
    spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e [" + options.instance + "] %l: %v");
    spdlog::flush_on(spdlog::level::info);
    return true;
}

SourceResult make_source(const DriverOptions& options, const os::InstanceDirectory& directory,
                         InstanceNotes& notes, const os::Flag& stop) {
    if (options.source == "pattern") {
        return std::make_unique<PatternSource>(options.pattern);
    }
#ifdef PF_HAVE_X11
    X11Options x11;
    x11.display = options.display;
    x11.state_directory = directory.path();
    x11.instance = directory.name();
    x11.keeping.grace_ns = options.keep_xserver_ns;
    x11.keeping.program = "/proc/self/exe";  // also when an upgrade has replaced the file
    x11.news.open = [&notes](const std::string& display, const std::string& xauthority) {
        notes.display(display, xauthority);
    };
    x11.news.waiting = [&notes](const std::string& why) { notes.waiting(why); };
    x11.news.silent = [&notes](const std::string& why) { (void)notes.active(why); };
    x11.stop = &stop;
    SourceResult source = make_x11_source(x11);
    if (source && !*source) {
        return os::fail("start the x11 source", 0, os::Reaction::reject, "no X server to be had");
    }
    return source;
#else
    (void)directory, (void)notes, (void)stop;
    return os::fail("start the x11 source", 0, os::Reaction::fallback,
                    "this driver was built without it; use --source pattern");
#endif
}

int cannot_start(const DriverOptions& options, const os::Error& error) {
    say(fmt::format("instance '{}' cannot start: {}", options.instance, error.message()));
    return kExitCannotStart;
}

os::Result<void> serve(const DriverOptions& options, os::InstanceDirectory& directory,
                       const os::Flag& stop) {
    InstanceNotes notes(directory, options.protocol_version);
    SourceResult source = make_source(options, directory, notes, stop);
    if (!source && os::interrupted()) {
        return {};  // told to stop while it waited for the X server
    }
    if (!source) {
        return tl::unexpected(source.error());
    }
    core::DriverConfig config;
    config.protocol_version = options.protocol_version;
    config.process_id = os::current_pid();
    config.luid_low = adapter_number(options.instance);
    auto completions = CompletionQueue::create();
    if (!completions) {
        return tl::unexpected(completions.error());
    }
    HandleTable handles;
    Runtime runtime(
        config, handles, **source, std::move(*completions),
        [&notes](std::vector<std::string> monitors) { notes.monitors(std::move(monitors)); });
    auto listener = directory.listen();
    if (!listener) {
        return tl::unexpected(listener.error());
    }
    if (const auto active = notes.active(); !active) {
        return active;
    }
    spdlog::info("serving, source {}, protocol {}, pid {}", options.source,
                 options.protocol_version, config.process_id);
    IoctlServer server(std::move(*listener), runtime, handles, {});
    server.run(stop);
    spdlog::info("stopping");
    return {};
}

// Every host process may leave a few hundred handles here (HandleTable::kUsualLimit); the usual
// limit of 1024 would let two of them keep all others out.
void raise_descriptor_limit() {
    constexpr rlim_t kEnough = 32768;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < kEnough) {
        limit.rlim_cur = std::min(limit.rlim_max, kEnough);
        (void)::setrlimit(RLIMIT_NOFILE, &limit);  // less will do for honest hosts
    }
}

int run(const DriverOptions& options) {
    raise_descriptor_limit();
    const auto stop = os::interrupt_flag();  // from here on every usual end is an orderly one
    const auto last_resort = os::LastResort::stand_by(kExitFailed);
    if (!stop || !last_resort) {
        return cannot_start(options, stop ? last_resort.error() : stop.error());
    }
    auto directory = os::InstanceDirectory::acquire(options.instance);
    if (!directory) {
        return cannot_start(options, directory.error());
    }
    if (const auto served = serve(options, *directory, **stop); !served) {
        // Kept for `list`; should even that fail, the line below is what is left.
        (void)directory->set_state(os::InstanceState::failed, served.error().message(),
                                   options.protocol_version);
        return cannot_start(options, served.error());
    }
    return kExitOrderly;
}

}  // namespace
}  // namespace pf::driver

int main(int argc, char** argv) try {
    using namespace pf::driver;
    pf::os::begin_program();
#ifdef PF_HAVE_X11
    if (const int code = run_as_keeper(argc - 1, argv + 1); code >= 0) {
        return code;
    }
#endif
    const auto parsed = parse_options(argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) {
        return *code;
    }
    const auto& options = std::get<DriverOptions>(parsed);
    return set_up_log(options) ? run(options) : kExitUsage;
} catch (const std::exception& error) {  // out of memory, most likely
    pf::driver::say(error.what());
    return pf::driver::kExitFailed;
} catch (...) {
    pf::driver::say("something failed that has no name");
    return pf::driver::kExitFailed;
}
