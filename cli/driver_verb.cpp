// pfvd driver: the driver process in the foreground, in this process's place.
#include <pf/os/program.hpp>

#include "console.hpp"
#include "driver_program.hpp"
#include "verbs.hpp"

namespace pf::cli {

int run(const DriverOptions& options) {
    auto arguments = driver_arguments(find_driver_program(options.launch.program), options.launch);
    arguments.insert(arguments.end(), options.extra.begin(), options.extra.end());
    return report("driver", ExitCode::no_driver, os::become_program(arguments));
}

}  // namespace pf::cli
