// What the host asks of the system about devices; tests pass their own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <pf/os/clock.hpp>
#include <pf/os/device_channel.hpp>

namespace pf::host {

// The functions are called by several threads at once.
struct DeviceSystem {
    std::function<os::Result<std::vector<os::Instance>>()> list;
    std::function<os::Result<std::unique_ptr<os::DeviceChannel>>(const std::string& instance,
                                                                 const os::Patience& patience)>
        open;
    const os::Clock* clock = &os::system_clock();

    // `driver_image`: see os::DeviceChannel::open().
    static DeviceSystem real(const std::string& driver_image = {}) {
        return {[] { return os::list_instances(); },
                [driver_image](const std::string& instance, const os::Patience& patience) {
                    return os::DeviceChannel::open(instance, patience, driver_image);
                }};
    }
};

}  // namespace pf::host
