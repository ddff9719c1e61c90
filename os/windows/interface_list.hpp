// Every instance of the device interface that the system knows, and what a reader concludes from
// it. Internal to os/windows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <pf/os/device_channel.hpp>

#include "setup_calls.hpp"

namespace pf::os {

// What the configuration manager says of a device; nothing: it did not tell.
struct NodeStatus {
    bool present = false;
    std::uint32_t problem = 0;  // CM_PROB_*; 0: none
};

struct DeviceInterface {
    std::string path;         // for CreateFile
    bool active = false;      // somebody serves it
    bool present = false;     // listed among the devices that are there
    bool has_driver = false;  // one has been installed for it
    std::optional<NodeStatus> node = {};
};

// In the system's order. The list of devices is freed on every path.
Result<std::vector<DeviceInterface>> list_interfaces(const SetupCalls& calls);

// Pure.
Instance judge_interface(std::string name, const DeviceInterface& found);

struct NamedInterface {
    Instance instance;
    std::string path;
};

// list_interfaces(), judged and named, in name order.
Result<std::vector<NamedInterface>> list_named_interfaces(const SetupCalls& calls);

}  // namespace pf::os
