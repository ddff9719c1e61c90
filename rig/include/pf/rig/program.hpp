// A program's first and last frame.
#pragma once

#include <functional>

namespace pf::rig {

// Prepares the process, runs `body` and returns its exit code; what it throws is told in a line
// that begins with `name`. Nothing runs before it in main().
int run_program(const char* name, const std::function<int()>& body) noexcept;

}  // namespace pf::rig
