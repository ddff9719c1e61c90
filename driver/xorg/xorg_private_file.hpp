// Small files: ours, that only we may read or change, in a directory of ours; and the user's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <pf/os/result.hpp>

namespace pf::driver {

// Replaces `path` at once by a file of mode 0600; a reader sees the old or the new one.
os::Result<void> write_private_file(const std::string& path, std::string_view bytes);

// Refuses what is not a plain file of ours, or larger than `most_bytes`. No such file: reopen.
os::Result<std::string> read_private_file(const std::string& path, std::size_t most_bytes);

// What anybody's program could read there: whoever owns it, through links, from a pipe that ends
// within two seconds. No such file: reopen.
os::Result<std::string> read_users_file(const std::string& path, std::size_t most_bytes);

}  // namespace pf::driver
