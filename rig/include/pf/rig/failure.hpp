// How a program ends that has no result.
#pragma once

#include <string>
#include <string_view>

#include <pf/os/result.hpp>

#include <pf/rig/exit_code.hpp>

namespace pf::rig {

// One line on stderr (see report()), with `json` also an object on stdout with the code and the
// reason. After an interrupt it is that which ended it: nothing to explain. Returns the code as an
// int.
int fail_program(std::string_view who, bool json, ExitCode code, const os::Error& error);

// Pure: that object, in one line.
std::string failure_json(ExitCode code, const std::string& error);

}  // namespace pf::rig
