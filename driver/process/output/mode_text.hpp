// A mode as people write it: "2560x1440@120", "1920x1080@59.94".
#pragma once

#include <string>

#include <pf/core/mode.hpp>

namespace pf::driver {

// Exact, with as few digits as that takes.
std::string to_string(const core::Mode& mode);

}  // namespace pf::driver
