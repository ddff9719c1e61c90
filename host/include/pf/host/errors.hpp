// What an error of this library means for a program that has to choose an exit code or a next
// step. The finer story is in os::Error (operation, native code, reaction, one line of detail).
#pragma once

#include <cstdint>
#include <string_view>

#include <pf/os/result.hpp>

namespace pf::host {

// Codes of errors that no system call and no driver made.
inline constexpr std::int64_t kNoDriver = -0x5046'0001;
inline constexpr std::int64_t kProtocolMismatch = -0x5046'0002;
inline constexpr std::int64_t kDriverLost = -0x5046'0003;
inline constexpr std::int64_t kShortReply = -0x5046'0004;
inline constexpr std::int64_t kForeignProcess = -0x5046'0005;
inline constexpr std::int64_t kAttachFailed = -0x5046'0006;
inline constexpr std::int64_t kAttachTimeout = -0x5046'0007;
inline constexpr std::int64_t kClosed = -0x5046'0008;
inline constexpr std::int64_t kDisplayOff = -0x5046'0009;

enum class ErrorKind {
    no_driver,          // nothing that opens and shakes hands
    protocol_mismatch,  // drivers are there, none speaks a version that this host knows
    driver_lost,        // it was there, and did not come back within the budget
    refused,            // the driver or the library refuses the request: mode, id, permission
    timeout,            // no answer in time
    display_off,        // another program switched the monitor off, and it stayed off
    closed,             // this side ended it meanwhile: close(), or the cancel flag
    internal,           // everything else
};

ErrorKind kind(const os::Error& error);
std::string_view to_string(ErrorKind kind);

}  // namespace pf::host
