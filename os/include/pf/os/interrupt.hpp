// Ctrl-C and termination as an event that any wait can include.
#pragma once

#include <pf/os/event.hpp>

namespace pf::os {

// Installs the handler (SIGINT, SIGTERM; console control on Windows) on the first call. The event
// stays signalled. A second interrupt ends the process at once.
Result<const Event*> interrupt_event();
bool interrupted();

}  // namespace pf::os
