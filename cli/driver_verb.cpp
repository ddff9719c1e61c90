// pfvd driver: the driver process in the foreground, in this process's place.
#include <pf/os/program.hpp>
#include <pf/rig/console.hpp>
#include <pf/rig/driver_program.hpp>

#include "verbs.hpp"

namespace pf::cli {

int run(const DriverOptions& options) {
    auto arguments =
        rig::driver_arguments(rig::find_driver_program(options.launch.program), options.launch);
    arguments.insert(arguments.end(), options.extra.begin(), options.extra.end());
    return rig::report("pfvd driver", rig::ExitCode::no_driver, os::become_program(arguments));
}

}  // namespace pf::cli
