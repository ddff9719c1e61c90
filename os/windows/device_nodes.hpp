// Device nodes of the driver's hardware id, and what is left of its monitors. Internal to
// os/windows. Every call opens what it needs and lets go of it; `calls` is used during the call.
#pragma once

#include <string>
#include <vector>

#include <pf/os/driver_package.hpp>

#include "install_calls.hpp"

namespace pf::os {

inline constexpr const char* kHardwareId = "Root\\pf_vdisplay";
inline constexpr const wchar_t* kWideHardwareId = L"Root\\pf_vdisplay";

// Present ones and phantoms; the package's and driver's version as far as the system tells.
Result<std::vector<DriverNode>> list_nodes(const InstallCalls& calls);

// A root node that the driver fits. Returns its id; after an error there is none.
Result<std::string> create_node(const InstallCalls& calls);

// Put the driver of `inf` (an absolute path) on every present node. True: it takes effect only
// after a restart of the devices or the computer.
Result<bool> update_nodes(const InstallCalls& calls, const std::string& inf);

// True: gone only after a restart of the computer.
Result<bool> remove_node(const InstallCalls& calls, const std::string& id);

struct NodeRestart {
    std::string what;      // was done, a line for people
    bool pending = false;  // it takes effect only after a restart of the computer
};
Result<NodeRestart> restart_node(const InstallCalls& calls, const std::string& id);

// Ids of monitors of the driver's make that are not present.
Result<std::vector<std::string>> list_phantom_monitors(const InstallCalls& calls);

}  // namespace pf::os
