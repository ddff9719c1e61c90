// The driver's program: where it is, and how it is told what to do.
#pragma once

#include <string>
#include <vector>

namespace pf::rig {

inline constexpr const char* kDefaultInstance = "main";

// What a driver is started with. Empty: the driver's own default.
struct DriverLaunch {
    std::string program;  // a path; empty: the one that find_driver_program() finds
    std::string instance = kDefaultInstance;
    std::string source;    // x11, pattern
    std::string display;   // x11: attach to this one
    std::string pattern;   // pattern: how frames are made
    std::string format;    // pattern: pixel format
    std::string protocol;  // answer as this version
};

// The program that `given` names, else beside this one, else in ../libexec, else on PATH.
std::string find_driver_program(const std::string& given);

// Pure: the command line.
std::vector<std::string> driver_arguments(const std::string& program, const DriverLaunch& launch);

}  // namespace pf::rig
