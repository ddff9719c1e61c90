// The command line as values. The only file that knows the parser.
#pragma once

#include <variant>

#include "options.hpp"

namespace pf::cli {

using Command =
    std::variant<DemoOptions, CaptureOptions, ListOptions, DriverOptions, DriverInstallOptions,
                 DriverRemoveOptions, DriverStatusOptions, DriverRestartOptions, DriverReapOptions,
                 TopologyRestoreOptions, EdidOptions, ContractOptions, BenchOptions>;

// What to do, or the exit code when there is nothing more: help was printed (0), or one line that
// says what is wrong (2).
std::variant<Command, int> parse_command_line(int argc, const char* const* argv);

}  // namespace pf::cli
