// A write that a slow reader cannot hold for ever. Internal to os/windows.
#pragma once

#include <functional>
#include <span>

#include <pf/os/handle.hpp>

namespace pf::os {

// Writes all of `bytes` to a file, a pipe or a console, as long as `goes_on` says so: it is asked
// every 20 ms while the system takes nothing, on another thread. The code of what went wrong
// (GetLastError); ERROR_OPERATION_ABORTED: `goes_on` said no.
using GoesOn = std::function<bool()>;
unsigned long write_while(Handle::Native file, std::span<const std::byte> bytes,
                          const GoesOn& goes_on);

}  // namespace pf::os
