// pfvd list: every instance of the driver, its state and why.
#include <pf/os/runtime_dir.hpp>

#include "console.hpp"
#include "instance_table.hpp"
#include "json_text.hpp"
#include "verb_failure.hpp"
#include "verbs.hpp"

namespace pf::cli {

int run(const ListOptions& options) {
    const auto reports = host::survey_instances();
    if (!reports) {
        return fail_verb("list", options.json, ExitCode::no_driver, reports.error());
    }
    return print("list",
                 options.json ? to_json(*reports) : to_text(*reports, os::runtime_directory()));
}

}  // namespace pf::cli
