#include "session.hpp"

#include <filesystem>
#include <fstream>
#include <random>

#include <fmt/format.h>

#include <pf/os/interrupt.hpp>
#include <pf/rig/driver_program.hpp>
#include <pf/rig/failure.hpp>
#include <pf/rig/private_runtime.hpp>

#include "report.hpp"
#include "run.hpp"

namespace pf::chaos {
namespace {

constexpr const char* kInstance = "chaos";

std::uint64_t any_seed() {
    std::random_device device;  // short enough to type
    return device() % 1'000'000'000;
}

void copy_logs(const std::string& from, const std::string& to) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    fs::create_directories(to, ignored);
    for (const auto& entry : fs::recursive_directory_iterator(from, ignored)) {
        const auto extension = entry.path().extension();
        if (entry.is_regular_file(ignored) && (extension == ".log" || extension == ".output")) {
            fs::copy_file(entry.path(), to / entry.path().filename(),
                          fs::copy_options::overwrite_existing, ignored);
        }
    }
}

struct Chaos {
    const Options& options;
    Source source;
    std::uint64_t seed;
    Report report;
    Judge judge;
};

void fill_report(Chaos& chaos, const DriverUnderTest& driver, const Stage& stage) {
    const Judge& judge = chaos.judge;
    Report& report = chaos.report;
    report.kinds = judge.kinds();
    report.frames = judge.frames();
    report.rebuilds = judge.rebuilds();
    report.torn = judge.torn();
    report.stale = judge.stale();
    report.foreign = judge.foreign();
    report.hosts_killed = stage.hosts_killed;
    report.drivers_started = driver.started();
}

PlanSettings plan_settings(const Chaos& chaos) {
    PlanSettings settings{chaos.source, (chaos.options.hosts + 1) / 2, chaos.options.hosts / 2, {}};
    for (const std::string& name : chaos.options.only) {
        settings.only.insert(*parse_fault_kind(name));
    }
    return settings;
}

// No kind that was asked for can happen with this source and these hosts.
bool nothing_can_happen(const PlanSettings& settings) {
    for (std::size_t i = 0; i < kFaultKinds; ++i) {
        if (weight_of(static_cast<FaultKind>(i), settings) > 0) {
            return false;
        }
    }
    return true;
}

os::Result<void> play(Chaos& chaos, const std::string& directory, const os::Flag& cancel,
                      os::LastResort& last_resort) {
    const Options& options = chaos.options;
    auto driver = DriverUnderTest::start({.program = rig::find_driver_program(options.driver),
                                          .instance = kInstance,
                                          .source = chaos.source,
                                          .directory = directory,
                                          .talkative = !options.logs.empty()},
                                         cancel);
    if (!driver) {
        return tl::unexpected(driver.error());
    }
    DriverUnderTest& watched = **driver;
    last_resort.also([supervisor = watched.supervisor()] { supervisor->end(os::StopHow::kill); });
    Crew crew({.instance = kInstance,
               .seed = chaos.seed,
               .hosts = options.hosts,
               .stamped = chaos.source == Source::pattern,
               .directory = directory,
               .on_rebuild = [&watched](host::RebuildReason reason, std::uint32_t pid) {
                   if (reason == host::RebuildReason::driver_unresponsive) {
                       watched.replace(pid);
                   }
               }});
    std::ofstream diary(directory + "/diary.log");
    Stage stage(watched, crew, chaos.judge, cancel, diary);
    FaultPlan plan(chaos.seed, plan_settings(chaos));
    const std::int64_t began_ns = os::now_ns();
    const std::int64_t end_ns =
        options.seconds > 0 ? os::deadline_after(static_cast<std::int64_t>(options.seconds * 1e9))
                            : os::kNever;
    Run(stage, plan, {end_ns, options.faults}).run();
    chaos.report.seconds = static_cast<double>(os::now_ns() - began_ns) / 1e9;
    fill_report(chaos, watched, stage);
    watched.end();
    if (const std::string left = watched.left_behind(); !left.empty()) {
        chaos.judge.violate("left behind: " + left);
    }
    return {};
}

// What this process holds more than before, and what is still on disk.
void look_for_remains(Judge& judge, const std::string& directory, const os::Footprint& before) {
    const auto now = os::footprint(os::current_pid());
    std::error_code ignored;
    if (now &&
        (now->descriptors > before.descriptors || now->shared_mappings > before.shared_mappings)) {
        judge.violate(fmt::format("left behind: {} descriptors and {} mappings, {} and {} before",
                                  now->descriptors, now->shared_mappings, before.descriptors,
                                  before.shared_mappings));
    }
    if (std::filesystem::exists(directory, ignored)) {
        judge.violate("left behind: " + directory);
    }
}

int judge_run(Chaos& chaos) {
    chaos.report.violations = chaos.judge.violations();
    const std::string text = chaos.options.json ? to_json(chaos.report) : to_text(chaos.report);
    if (!chaos.report.violations.empty()) {
        (void)rig::write_output(text);
        return rig::report(kProgram, rig::ExitCode::failed,
                           fmt::format("seed {}, {}", chaos.seed, chaos.report.violations.front()));
    }
    const int printed = rig::print(kProgram, text);
    return printed == rig::to_int(rig::ExitCode::done) && os::interrupted()
               ? rig::to_int(rig::ExitCode::interrupted)
               : printed;
}

}  // namespace

int run(const Options& options) {
    const auto cancel = os::interrupt_flag();
    if (!cancel) {
        return rig::fail_program(kProgram, options.json, rig::ExitCode::failed, cancel.error());
    }
    const std::uint64_t seed = options.seed.value_or(any_seed());
    rig::print_aside(fmt::format("{}: seed {}\n", kProgram, seed));
    const os::Footprint before = os::footprint(os::current_pid()).value_or(os::Footprint{});
    Chaos chaos{options,
                options.source == "x11" ? Source::x11 : Source::pattern,
                seed,
                {},
                Judge(options.hosts, static_cast<std::int64_t>(options.budget_s * 1e9))};
    if (nothing_can_happen(plan_settings(chaos))) {
        return rig::report(kProgram, rig::ExitCode::usage,
                           "none of these faults can happen with this source and so many hosts");
    }
    chaos.report.seed = seed;
    chaos.report.source = options.source;
    chaos.report.hosts = options.hosts;
    std::string directory;
    {
        // Holds what it would end: none of that when the remains are looked for.
        const auto last_resort = os::LastResort::stand_by(rig::to_int(rig::ExitCode::interrupted));
        if (!last_resort) {
            return rig::fail_program(kProgram, options.json, rig::ExitCode::failed,
                                     last_resort.error());
        }
        auto runtime = rig::PrivateRuntime::make(**last_resort);
        if (!runtime) {
            return rig::fail_program(kProgram, options.json, rig::ExitCode::output,
                                     runtime.error());
        }
        directory = (*runtime)->path();
        const auto played = play(chaos, directory, **cancel, **last_resort);
        if (!options.logs.empty()) {
            copy_logs(directory, options.logs);
        }
        if (!played) {
            return rig::fail_program(kProgram, options.json, rig::exit_code_of_open(played.error()),
                                     played.error());
        }
    }
    look_for_remains(chaos.judge, directory, before);
    return judge_run(chaos);
}

}  // namespace pf::chaos
