// Which process may be the driver's: one that runs the program that hosts drivers. Internal to
// os/windows.
#pragma once

#include <string>

#include <pf/os/process.hpp>

#include "device_calls.hpp"

namespace pf::os {

// Any program. Wine's host of drivers is another than Windows', and so is a test's.
inline constexpr const char* kAnyDriverImage = "any";

// `%SystemRoot%\System32\WUDFHost.exe`, as the system itself names the directory.
std::string usual_driver_image();

// Paths as the system tells them, compared without their case. An empty `wanted` is the usual one.
bool is_driver_image(const std::string& image, const std::string& wanted);

// A process that handles can be given to, watched, and seen to run the program. Reject: it runs
// another, or may not be opened. Reopen: it is gone.
Result<Process> open_driver_process(const DeviceCalls& calls, std::uint32_t pid,
                                    const std::string& wanted_image);

}  // namespace pf::os
