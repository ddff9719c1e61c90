// The name of a device interface, taken apart. Pure. Internal to os/windows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pf::os {

// `\\?\ROOT#DISPLAY#0000#{guid}\reference`: the device instance id and the interface's reference.
struct DevicePath {
    std::string instance_id;  // "ROOT\DISPLAY\0000", upper case; empty: no path of an interface
    std::string reference;    // tells interfaces of one device apart; mostly empty
};

DevicePath parse_device_path(std::string_view path);

// One name for each path, in their order: its instance id, where several share that also the
// reference, and the whole path where that is no help either.
std::vector<std::string> name_device_paths(const std::vector<std::string>& paths);

}  // namespace pf::os
