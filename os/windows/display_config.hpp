// Paths between the host's form, each with its modes, and the system's: flat arrays whose paths
// point into the modes by index. Internal to os/windows.
#pragma once

#include <windows.h>

#include <span>
#include <vector>

#include <pf/os/display_topology.hpp>

namespace pf::os {

struct DisplayConfig {
    std::vector<DISPLAYCONFIG_PATH_INFO> paths;
    std::vector<DISPLAYCONFIG_MODE_INFO> modes;
};

LUID luid_of(std::uint64_t adapter);

// Without names. An index that points nowhere, or at a mode of another kind, is no mode.
DisplayPaths read_config(const DisplayConfig& config);
// All of them active. Paths that share a source share its mode.
DisplayConfig make_config(const DisplayPaths& paths);

}  // namespace pf::os
