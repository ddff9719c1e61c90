// pfvd driver install, remove, status, restart, reap: the driver as something installed.
#include <filesystem>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>
#include <pf/os/driver_package.hpp>
#include <pf/os/program.hpp>
#include <pf/rig/console.hpp>
#include <pf/rig/failure.hpp>

#include "driver_answer.hpp"
#include "driver_table.hpp"
#include "json_text.hpp"
#include "verbs.hpp"

namespace pf::cli {
namespace {

// A device that restarts may take the system that long.
constexpr std::int64_t kAnswerBudget = 15 * os::kSecond;
constexpr const char* kInfName = "pf_vdisplay.inf";

// Of an install or a restart: only an answer that did not come is a matter of the driver.
rig::ExitCode exit_code_of(const os::Error& error) {
    const bool ours = error.code == host::kNoDriver || error.code == host::kProtocolMismatch ||
                      error.code == host::kClosed;
    return ours ? rig::exit_code_of_open(error) : rig::ExitCode::failed;
}

template <typename Report>
int print_report(const char* who, const Report& report, bool json) {
    return rig::print(who, json ? to_json(report) : to_text(report));
}

// The package beside this program.
std::string default_inf() {
    const auto program = os::executable_path();
    return program ? (std::filesystem::path(*program).parent_path() / kInfName).string() : kInfName;
}

// Every failure has a line of its own; the first decides the exit code.
int finish_change(const char* who, const os::Result<os::ChangeReport>& report, bool json) {
    if (!report) {
        return rig::fail_program(who, json, rig::ExitCode::failed, report.error());
    }
    const int printed = print_report(who, *report, json);
    for (const os::Error& failure : report->failures) {
        (void)rig::report(who, rig::ExitCode::failed, failure);
    }
    return report->failures.empty() ? printed : rig::to_int(rig::ExitCode::failed);
}

// Without a name, every present node.
os::Result<std::vector<std::string>> ids_to_restart(const std::string& name) {
    if (!name.empty()) {
        return std::vector<std::string>{name};
    }
    const auto inventory = os::survey_driver();
    if (!inventory) {
        return tl::unexpected(inventory.error());
    }
    std::vector<std::string> ids;
    for (const os::DriverNode& node : inventory->nodes) {
        if (node.present) {
            ids.push_back(node.id);
        }
    }
    return !ids.empty() ? os::Result<std::vector<std::string>>(ids)
                        : os::fail("restart device", host::kNoDriver, os::Reaction::fallback,
                                   "none of the driver is present; pfvd driver install makes one");
}

}  // namespace

int run(const DriverInstallOptions& options) {
    constexpr const char* kWho = "pfvd driver install";
    const auto report =
        os::install_driver({options.inf.empty() ? default_inf() : options.inf, options.certificate,
                            [] { return await_answer(kAnswerBudget); }});
    return report ? print_report(kWho, *report, options.json)
                  : rig::fail_program(kWho, options.json, exit_code_of(report.error()),
                                      report.error());
}

int run(const DriverRemoveOptions& options) {
    return finish_change("pfvd driver remove", os::remove_driver(), options.json);
}

int run(const DriverReapOptions& options) {
    return finish_change("pfvd driver reap", os::reap_phantoms(), options.json);
}

int run(const DriverStatusOptions& options) {
    constexpr const char* kWho = "pfvd driver status";
    const auto inventory = os::survey_driver();
    return inventory
               ? print_report(kWho, *inventory, options.json)
               : rig::fail_program(kWho, options.json, rig::ExitCode::failed, inventory.error());
}

int run(const DriverRestartOptions& options) {
    constexpr const char* kWho = "pfvd driver restart";
    const auto ids = ids_to_restart(options.instance);
    if (!ids) {
        return rig::fail_program(kWho, options.json, exit_code_of(ids.error()), ids.error());
    }
    os::ChangeReport report;
    for (const std::string& id : *ids) {
        const auto restarted = os::restart_instance(id);
        if (restarted) {
            report.steps.push_back(*restarted);
        } else {
            report.failures.push_back(restarted.error());
        }
    }
    return finish_change(kWho, report, options.json);
}

}  // namespace pf::cli
