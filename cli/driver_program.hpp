// The driver's program: where it is, and how it is told what to do.
#pragma once

#include <string>
#include <vector>

#include "options.hpp"

namespace pf::cli {

// The program that `given` names, else beside this one, else in ../libexec, else on PATH.
std::string find_driver_program(const std::string& given);

// Pure: the command line.
std::vector<std::string> driver_arguments(const std::string& program, const DriverLaunch& launch);

}  // namespace pf::cli
