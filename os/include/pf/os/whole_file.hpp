// A small file that is there whole or not at all, whenever the program or the machine ends.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <pf/os/result.hpp>

namespace pf::os {

// nullopt: there is none. Reject: it is larger than `most_bytes`.
Result<std::optional<std::string>> read_whole_file(const std::string& path, std::size_t most_bytes);

// By way of "PATH.new", which lies on the disk before it takes the name: after this the file is the
// new one, after an error it may still be the old one. One writer at a time. Its directory is
// there. Linux: mode 0600.
Result<void> write_whole_file(const std::string& path, std::string_view content);

Result<void> remove_whole_file(const std::string& path);  // none is no error

}  // namespace pf::os
