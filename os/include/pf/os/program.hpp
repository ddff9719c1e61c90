// This program: where it lies, what it is connected to, what it has used.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <pf/os/result.hpp>

namespace pf::os {

Result<std::string> executable_path();  // absolute, links resolved

enum class Stream { output, error };
bool is_terminal(Stream stream);

// Processor time of all threads, user and system, ns.
std::int64_t process_cpu_ns();

// Sets a variable for this process and what it starts. Not while other threads run.
Result<void> set_environment(const std::string& name, const std::string& value);

// A new directory that only we may enter, in the system's place for temporary files.
Result<std::string> make_temporary_directory(std::string_view prefix);

// Goes on as another program (arguments[0]: a path, or on PATH) in this process; returns only
// when that fails. For a program that began with begin_program(): the other starts without what
// that one ignores.
Error become_program(const std::vector<std::string>& arguments);

}  // namespace pf::os
