// From fork() to exec(), for ChildProcess. Internal to os/linux.
#pragma once

#include <vector>

#include <pf/os/process.hpp>

namespace pf::os {

// All that the child needs, made before fork(): between fork() and exec() of a program with
// threads only async-signal-safe calls are allowed. Points into the Options it was made from.
struct Launch {
    std::vector<char*> arguments;    // null-terminated
    std::vector<char*> environment;  // null-terminated
    Handle input;                    // /dev/null: a child does not take the terminal's input
    Handle output;                   // empty: ours
    bool detached = false;
    int death_signal = 0;  // when our thread ends; 0: none
};

Result<Launch> prepare_launch(const ChildProcess::Options& options);

// Runs it and returns a hold on it once exec() has succeeded. A detached one is no child of ours:
// somebody else reaps it.
Result<Process> launch_process(const Launch& launch);

}  // namespace pf::os
