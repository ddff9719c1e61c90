// What the driver's installation looks like, as people read it. Pure.
#pragma once

#include <string>

#include <pf/os/driver_package.hpp>

namespace pf::cli {

// One line a node under a headline, then the packages; without any, what to do.
std::string to_text(const os::DriverInventory& inventory);

// The steps, one a line; without any, that nothing had to be changed.
std::string to_text(const os::InstallReport& report);
// Failures go elsewhere.
std::string to_text(const os::ChangeReport& report);

}  // namespace pf::cli
