// Writing to standard output and error: at once, with a deadline, and never by an exception.
#pragma once

#include <cstdint>
#include <string_view>

#include <pf/os/flag.hpp>
#include <pf/os/program.hpp>

namespace pf::os {

// Writes all of `text`, waiting for a slow reader until `deadline_ns` (os::now_ns(); one in the
// past tries once) or until `cancel` (may be null) is set; both are errors with reaction
// retry, and part of it may be written. Other errors are the system's. One thread for each stream.
Result<void> write_stream(Stream stream, std::string_view text, std::int64_t deadline_ns,
                          const Flag* cancel = nullptr);

}  // namespace pf::os
