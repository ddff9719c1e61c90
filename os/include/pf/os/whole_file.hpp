// A small file that is there whole or not at all, whenever the program or the machine ends.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <pf/os/handle.hpp>

namespace pf::os {

// nullopt: there is none. Reject: it is larger than `most_bytes`.
Result<std::optional<std::string>> read_whole_file(const std::string& path, std::size_t most_bytes);

// By way of "PATH.new", which lies on the disk before it takes the name: after this the file is the
// new one, after an error it may still be the old one. One writer at a time. Its directory is
// there. Linux: mode 0600.
Result<void> write_whole_file(const std::string& path, std::string_view content);

// The right to change such files, one program's at a time: until the handle is closed or the
// program ends, however it ends. `path` is made for that. Retry: another one has it.
Result<Handle> hold_file(const std::string& path);

Result<void> remove_whole_file(const std::string& path);  // none is no error

}  // namespace pf::os
