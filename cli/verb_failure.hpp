// How a verb ends that has no result.
#pragma once

#include <string_view>

#include <pf/os/result.hpp>

#include "exit_code.hpp"

namespace pf::cli {

// One line on stderr, with `json` also an object on stdout with the code and the reason. After an
// interrupt it is that which ended the verb: nothing to explain. Returns the code as an int.
int fail_verb(std::string_view verb, bool json, ExitCode code, const os::Error& error);

}  // namespace pf::cli
