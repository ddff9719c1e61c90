// Installing and taking away, over the table of the system's calls: pf/os/driver_package.hpp has
// what they promise. Internal to os/windows.
#pragma once

#include <pf/os/driver_package.hpp>

#include "install_calls.hpp"

namespace pf::os {

Result<DriverInventory> survey_driver(const InstallCalls& calls);
Result<InstallReport> install_driver(const InstallCalls& calls, const InstallRequest& request);
Result<ChangeReport> remove_driver(const InstallCalls& calls);
Result<ChangeReport> reap_phantoms(const InstallCalls& calls);
Result<std::string> restart_instance(const InstallCalls& calls, const std::string& id);

}  // namespace pf::os
