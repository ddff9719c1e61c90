#include "options.hpp"

#include <pf/rig/command_line.hpp>
#include <pf/rig/exit_code.hpp>

#include "plan.hpp"

namespace pf::chaos {
namespace {

void add_worker(CLI::App& app, WorkerOptions& worker) {
    const std::string hidden;
    app.add_option("--worker-log", worker.log)->group(hidden);
    app.add_option("--worker-instance", worker.instance)->group(hidden);
    app.add_option("--worker-client", worker.client_id)->group(hidden);
    app.add_option("--worker-format", worker.format)->group(hidden);
}

// How long, and of what.
void add_limits(CLI::App& app, Options& options) {
    app.add_option("--seed", options.seed, "of the faults, to see them again (default: any)");
    auto* seconds = app.add_option("--seconds", options.seconds, "end after this long")
                        ->check(rig::between(0.1, 1e7))
                        ->capture_default_str();
    auto* faults = app.add_option("--faults", options.faults, "end after this many")
                       ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 60));
    app.add_option("--only", options.only, "these kinds of faults (see the table that it prints)")
        ->delimiter(',')
        ->type_name("KIND,...")
        ->check([](const std::string& name) {
            return parse_fault_kind(name) ? std::string() : "'" + name + "' is no kind of fault";
        });
    app.final_callback([&options, seconds, faults] {
        if (seconds->empty() && !faults->empty()) {
            options.seconds = 0;
        }
    });
}

void add_options(CLI::App& app, Options& options) {
    add_limits(app, options);
    app.add_option("--source", options.source, "where frames come from")
        ->check(CLI::IsMember({"x11", "pattern"}))
        ->capture_default_str();
    app.add_option("--hosts", options.hosts, "every second one a process of its own")
        ->check(CLI::Range(1, 15))
        ->capture_default_str();
    app.add_option("--budget", options.budget_s, "seconds for a fresh frame after a fault")
        ->check(rig::between(0.001, 3600))
        ->capture_default_str();
    rig::add_driver(app, options.driver);
    app.add_option("--logs", options.logs, "keep what driver and hosts wrote")
        ->type_name("DIRECTORY");
    app.add_flag("--json", options.json, "one JSON object instead of the table");
    add_worker(app, options.worker);
}

}  // namespace

std::variant<Options, int> parse_command_line(int argc, const char* const* argv) {
    CLI::App app("Real drivers and hosts, and all that can go wrong", kProgram);
    app.set_version_flag("--version", PF_VERSION);
    app.footer(rig::exit_code_table());
    Options options;
    add_options(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return rig::explain(app, error);
    }
    return options;
}

}  // namespace pf::chaos
