// pfvd bench: our ring against a plain one, in the same run on the same machine.
#include <fmt/format.h>

#include <pf/bench/floor_ring.hpp>
#include <pf/host/session.hpp>
#include <pf/os/interrupt.hpp>
#include <pf/os/program.hpp>
#include <pf/rig/console.hpp>
#include <pf/rig/driver_program.hpp>
#include <pf/rig/failure.hpp>
#include <pf/rig/private_runtime.hpp>
#include <pf/rig/supervisor.hpp>

#include "bench_report.hpp"
#include "json_text.hpp"
#include "verbs.hpp"

namespace pf::cli {
namespace {

constexpr const char* kWho = "pfvd bench";
constexpr const char* kInstance = "bench";
constexpr std::int64_t kDriverStart = 20 * os::kSecond;

struct BenchMode {
    host::Mode mode;
    bool saturated;
};
constexpr BenchMode kModes[] = {{{1920, 1080, 60}, false},
                                {{5120, 1440, 240}, false},
                                {{1920, 1080, 1000}, true},
                                {{3840, 2160, 1000}, true}};

BenchSide side_of(std::vector<double>& latency_us, std::uint64_t frames, double seconds,
                  double cpu) {
    return {rig::percentile(latency_us, 0.50), rig::percentile(latency_us, 0.99),
            static_cast<double>(frames) / seconds, cpu};
}

// The driver stays; a monitor is added for each mode.
os::Result<BenchSide> run_ring(const host::Mode& mode, const BenchOptions& asked,
                               const os::Flag& cancel) {
    host::SessionOptions options;
    options.mode = mode;
    options.instance = asked.instance;
    options.driver_image = asked.driver_image;
    options.cancel = &cancel;
    auto session = host::Session::open(options);
    if (!session) {
        return tl::unexpected(session.error());
    }
    (void)(*session)->next(os::deadline_after(os::kSecond));
    std::vector<double> latency_us;
    const std::int64_t start_ns = os::now_ns(), cpu_ns = os::process_cpu_ns();
    const std::int64_t end_ns = start_ns + static_cast<std::int64_t>(asked.seconds * 1e9);
    while (os::now_ns() < end_ns) {
        auto next = (*session)->next(end_ns);
        if (!next) {
            return tl::unexpected(next.error());
        }
        if (next->kind == host::NextKind::closed) {
            break;
        }
        if (next->kind == host::NextKind::frame) {
            const auto& times = next->frame.view().times;
            latency_us.push_back(static_cast<double>(times.leased_ns - times.published_ns) / 1e3);
        }
    }
    const double spent_s = static_cast<double>(os::now_ns() - start_ns) / 1e9;
    const double cpu = static_cast<double>(os::process_cpu_ns() - cpu_ns) / 1e9 / spent_s;
    const std::uint64_t frames = latency_us.size();
    return side_of(latency_us, frames, spent_s, cpu);
}

// The floor and then the ring, close together: the machine's other load is the same for both.
os::Result<BenchCase> run_case(const BenchMode& asked, const BenchOptions& options,
                               const os::Flag& cancel) {
    const double seconds = options.seconds;
    BenchCase entry;
    entry.mode = asked.mode;
    entry.saturated = asked.saturated;
    entry.memcpy_limit_fps = bench::memcpy_limit_fps(asked.mode, seconds / 4);
    auto floor = bench::run_floor(asked.mode, seconds);
    if (!floor) {
        return tl::unexpected(floor.error());
    }
    entry.floor = side_of(floor->latency_us, floor->frames, floor->seconds, floor->consumer_cpu);
    auto ring = run_ring(asked.mode, options, cancel);
    if (!ring) {
        return tl::unexpected(ring.error());
    }
    entry.ring = *ring;
    return entry;
}

os::Result<std::vector<BenchCase>> measure(const BenchOptions& options, const os::Flag& cancel) {
    rig::Progress progress;
    std::vector<BenchCase> cases;
    for (const BenchMode& asked : kModes) {
        progress.show(os::now_ns(), "measuring " + host::to_string(asked.mode));
        auto entry = run_case(asked, options, cancel);
        if (!entry) {
            return tl::unexpected(entry.error());
        }
        if (os::interrupted()) {
            break;
        }
        cases.push_back(*entry);
    }
    return cases;
}

// With a driver of its own, out of the way of others'.
os::Result<std::vector<BenchCase>> run_alone(BenchOptions options, const os::Flag& cancel,
                                             os::LastResort& last_resort) {
    const auto runtime = rig::PrivateRuntime::make(last_resort);
    if (!runtime) {
        os::Error error = runtime.error();
        error.detail += "; or measure one that runs: --instance (pfvd list)";
        return tl::unexpected(error);
    }
    options.instance = kInstance;
    rig::DriverLaunch launch;
    launch.instance = kInstance;
    launch.source = "pattern";
    auto supervisor = rig::Supervisor::start(
        {kInstance, rig::driver_arguments(rig::find_driver_program(options.driver), launch), {}});
    if (!supervisor) {
        return tl::unexpected(supervisor.error());
    }
    last_resort.also([driver = *supervisor] { driver->end(os::StopHow::kill); });
    auto ready = (*supervisor)->wait_ready(os::deadline_after(kDriverStart), &cancel);
    auto cases = ready ? measure(options, cancel)
                       : os::Result<std::vector<BenchCase>>(tl::unexpected(ready.error()));
    (*supervisor)->end(os::StopHow::ask);
    return cases;
}

}  // namespace

int run(const BenchOptions& options) {
    const auto cancel = os::interrupt_flag();
    const auto last_resort = os::LastResort::stand_by(rig::to_int(rig::ExitCode::interrupted));
    if (!cancel || !last_resort) {
        return rig::fail_program(kWho, options.json, rig::ExitCode::failed,
                                 cancel ? last_resort.error() : cancel.error());
    }
    const auto cases = options.instance.empty() ? run_alone(options, **cancel, **last_resort)
                                                : measure(options, **cancel);
    if (!cases) {
        return rig::fail_program(kWho, options.json, rig::exit_code_of_open(cases.error()),
                                 cases.error());
    }
    if (os::interrupted()) {
        return rig::to_int(rig::ExitCode::interrupted);
    }
    return rig::print(kWho, options.json ? to_json(*cases) : to_text(*cases));
}

}  // namespace pf::cli
