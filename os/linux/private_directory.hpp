// Directories that only we can write to, proven on the open descriptor so that a later swap of
// the path does not matter. Internal to os/linux.
#pragma once

#include <string>

#include <pf/os/handle.hpp>

namespace pf::os {

// Absent: Error with code ENOENT (reopen). A link, another owner, group or other bits: reject.
Result<Handle> open_private_directory(const std::string& path);
// Makes the last part of the path when it is absent.
Result<Handle> make_and_open_private_directory(const std::string& path);

// "/proc/self/fd/N/name": names a file in an open directory without a length limit that matters
// to sun_path. Valid while the directory is open.
std::string path_inside(const Handle& directory, const char* name);

}  // namespace pf::os
