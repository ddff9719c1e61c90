// Internal to os/windows.
#pragma once

#include <windows.h>

namespace pf::os {

// How a process that we end says so to whoever waits for it; as the system itself ends one at
// Ctrl-C (STATUS_CONTROL_C_EXIT).
inline constexpr DWORD kKilledExitCode = 0xC000013A;

}  // namespace pf::os
