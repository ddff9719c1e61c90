// Where a program keeps what has to outlive its end and a restart of the machine, for this user.
#pragma once

#include <string>

#include <pf/os/result.hpp>

namespace pf::os {

// "%LOCALAPPDATA%\pf-vdisplay"; "$XDG_STATE_HOME/pf-vdisplay", else "~/.local/state/pf-vdisplay"
// (XDG Base Directory Specification 0.8). Need not be there. Reject: the environment names no such
// place.
Result<std::string> state_directory();
// It is there then. Linux: mode 0700.
Result<std::string> make_state_directory();

}  // namespace pf::os
