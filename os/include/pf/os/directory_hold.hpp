// Whether a directory of ours is still in use, told by a lock that ends with its holder.
#pragma once

#include <string>

#include <pf/os/handle.hpp>

namespace pf::os {

// Holds the directory until the handle is closed or the process ends, however it ends. Reject: it
// is another user's, a link, or held (code EWOULDBLOCK).
Result<Handle> hold_directory(const std::string& path);

}  // namespace pf::os
