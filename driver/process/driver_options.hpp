// The driver process's command line as values. Pure, but for what it prints on --help and errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <pf/os/clock.hpp>

#include "pattern/pattern_options.hpp"

namespace pf::driver {

struct DriverOptions {
    std::string instance;
    std::string source = "x11";                                // x11 or pattern
    std::uint32_t protocol_version = proto::kProtocolVersion;  // 1..7: 1 and 7 for tests of hosts
    std::string display;  // x11: attach to this one; empty: a server of our own
    // x11: how long our own X server waits for the next driver when this one is gone, ns.
    std::int64_t keep_xserver_ns = 30 * os::kSecond;  // os::kNever: for ever
    PatternOptions pattern;
    std::string log_level = "info";
    std::string log_file;  // empty: stderr
};

inline constexpr int kExitOrderly = 0;
inline constexpr int kExitFailed = 1;  // an exception: no memory
inline constexpr int kExitUsage = 2;
inline constexpr int kExitCannotStart = 3;
inline constexpr int kExitOutput = 7;  // help or version cannot be written

// The options, or the exit code: help or version was printed (0, or kExitOutput when it could not
// be), or an error was (kExitUsage).
std::variant<DriverOptions, int> parse_options(int argc, const char* const* argv);

}  // namespace pf::driver
