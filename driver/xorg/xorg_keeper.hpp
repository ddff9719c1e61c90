// The keeper of an X server: a small process of the driver's own program that ends the server when
// its driver is gone and nobody has adopted it for a while. It needs nobody else alive: not the
// driver, not a supervisor. It ends with the server, or when the record names another one.
#pragma once

#include <cstdint>
#include <string>

#include <pf/os/process.hpp>

namespace pf::driver {

struct XorgKeeping {
    // How long a server whose driver is gone waits for the next one, ns; os::kNever: for ever.
    std::int64_t grace_ns = 30 * os::kSecond;
    // The program that runs a keeper when it is given keeper_arguments(); empty: no keeper.
    std::string program;
};

// A command line that main() knows a keeper by; nobody else is meant to give it.
inline constexpr const char* kKeeperMode = "--keep-xserver-of";

// Starts one, in a session of its own and with nothing of ours open. The record of the state
// directory names the server already. retry, reject: no process to be had.
os::Result<os::Process> start_keeper(const std::string& directory, const XorgKeeping& keeping);

// What `arguments` (without the program's name) say; runs as the keeper and returns the process's
// exit code. -1: they are not a keeper's.
int run_as_keeper(int count, const char* const* arguments);

}  // namespace pf::driver
