// Where instances of the driver live on this machine, for this user.
#pragma once

#include <string>

#include <pf/os/result.hpp>

namespace pf::os {

// "$XDG_RUNTIME_DIR/pf-vdisplay", else a directory of the user's own. Linux only in use.
std::string runtime_directory();

// Creates the path (and the runtime directory) with mode 0700 and proves that nobody else can
// write there: owned by us, not a link, no group or other bits.
Result<void> make_private_directory(const std::string& path);

}  // namespace pf::os
