// Packages of the driver in the system's store, told by what their INF files name. Internal to
// os/windows.
#pragma once

#include <string>
#include <vector>

#include <pf/os/driver_package.hpp>

#include "install_calls.hpp"

namespace pf::os {

// Those published INF files ("oem7.inf") that name our hardware id.
Result<std::vector<DriverPackage>> list_packages(const InstallCalls& calls);

// Takes one out of the store, also while a device uses it.
Result<void> remove_package(const InstallCalls& calls, const std::string& name);

// A package that is to be installed.
struct NewPackage {
    std::string inf;      // absolute path
    std::string version;  // never empty
};
// Reject: no such file, or it names no device of ours or no version.
Result<NewPackage> read_package(const InstallCalls& calls, const std::string& inf);

// At most `most` bytes of a file; a longer one is an error.
Result<std::string> read_file(const InstallCalls& calls, const std::wstring& path,
                              std::size_t most);

}  // namespace pf::os
