// What a run is asked to do, and how that is said on the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pf::chaos {

inline constexpr const char* kProgram = "pf-vdisplay-chaos";

// A host process of a run; the run starts it, people do not.
struct WorkerOptions {
    std::string log;  // empty: this is no such process
    std::string instance;
    std::uint32_t client_id = 1;
    std::uint32_t format = 0;  // host::PixelFormat
};

struct Options {
    std::optional<std::uint64_t> seed;  // none: any
    double seconds = 30;                // 0: no limit
    std::uint64_t faults = 0;           // 0: no limit
    std::string source = "pattern";
    std::vector<std::string> only;  // kinds of faults; empty: every kind
    std::uint32_t hosts = 5;
    double budget_s = 20;  // for a fresh frame of each host after each fault
    std::string driver;    // program
    std::string logs;      // directory; empty: none are kept
    bool json = false;
    WorkerOptions worker;
};

// The options, or the exit code when there is nothing to do: help was asked for, or an error told.
std::variant<Options, int> parse_command_line(int argc, const char* const* argv);

}  // namespace pf::chaos
