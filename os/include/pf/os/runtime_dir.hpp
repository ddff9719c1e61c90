// Where instances of the driver live on this machine, for this user.
#pragma once

#include <string>

#include <pf/os/result.hpp>

namespace pf::os {

// "$XDG_RUNTIME_DIR/pf-vdisplay", else a directory of the user's own. Linux only in use. Whether it
// can be used is told by those who open it: see make_private_directory().
std::string runtime_directory();

// From now on this process and what it starts look below `base` (a directory of our own) for
// instances. Not while other threads run.
Result<void> set_runtime_base(const std::string& base);

// Creates the path (and the runtime directory) with mode 0700 and proves that nobody else can
// write there: owned by us, not a link, no group or other bits. Reject, and nothing is made, where
// $XDG_RUNTIME_DIR is absent, no absolute path, another user's (sudo -E), or writable for everyone.
Result<void> make_private_directory(const std::string& path);

}  // namespace pf::os
