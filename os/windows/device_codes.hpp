// What the error of a call on an open device handle means; the same code may mean another thing
// where a handle is asked for (native_codes.hpp). Internal to os/windows.
#pragma once

#include <cstdint>

namespace pf::os {

// The device or its driver's process is gone.
bool gone_on_device(std::uint32_t code);

// The NTSTATUS that the driver completed the call with, of those that the contract names (section
// 9) and their kin: a caller is told its Win32 translation. 0: no such.
std::uint32_t status_of_native(std::uint32_t code);

}  // namespace pf::os
