// pfvd list: every instance of the driver, its state and why.
#include <pf/os/runtime_dir.hpp>
#include <pf/rig/console.hpp>
#include <pf/rig/failure.hpp>

#include "instance_table.hpp"
#include "json_text.hpp"
#include "verbs.hpp"

namespace pf::cli {

int run(const ListOptions& options) {
    const auto reports = host::survey_instances();
    if (!reports) {
        return rig::fail_program("pfvd list", options.json, rig::ExitCode::no_driver,
                                 reports.error());
    }
    return rig::print(
        "pfvd list", options.json ? to_json(*reports) : to_text(*reports, os::runtime_directory()));
}

}  // namespace pf::cli
