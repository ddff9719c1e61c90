// What the exit code of our programs says. Scripts rely on the numbers.
#pragma once

#include <string>

#include <pf/os/result.hpp>

namespace pf::rig {

enum class ExitCode : int {
    done = 0,
    failed = 1,  // none of the below
    usage = 2,
    no_driver = 3,  // none that is usable
    protocol_mismatch = 4,
    driver_lost = 5,  // beyond the budget
    refused = 6,      // by the driver: mode, id
    output = 7,       // a file or what is printed cannot be written
    no_frame = 8,     // none came in the whole run
    // In order, by Ctrl-C or the other usual ends (see os::interrupt_flag()), whichever it was:
    // 128 + n is left to those that die of signal n.
    interrupted = 130,
};

constexpr int to_int(ExitCode code) {
    return static_cast<int>(code);
}

// The table of them, for people.
std::string exit_code_table();

// What ends a program early.
struct Failure {
    ExitCode code = ExitCode::failed;
    os::Error error;
};

// Errors of Session::open() and of what comes later: a driver that does not answer is not usable
// in the one case and lost in the other.
ExitCode exit_code_of_open(const os::Error& error);
ExitCode exit_code_of_run(const os::Error& error);

}  // namespace pf::rig
