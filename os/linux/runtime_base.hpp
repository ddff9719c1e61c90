// The runtime directory, proven to be ours alone, and what it lies in too: nothing is looked for or
// left in another user's. Internal to os/linux.
#pragma once

#include <pf/os/handle.hpp>

namespace pf::os {

// Absent: Error with code ENOENT (reopen). Reject: $XDG_RUNTIME_DIR is no absolute path, belongs to
// another user (sudo -E, su) or is writable for everyone; or the directory in it is not private.
Result<Handle> open_runtime_directory();
// Makes it when it is absent; $XDG_RUNTIME_DIR itself has to be there (else reject).
Result<Handle> make_and_open_runtime_directory();

}  // namespace pf::os
