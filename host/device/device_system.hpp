// What the host asks of the system about devices; tests pass their own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <pf/os/clock.hpp>
#include <pf/os/device_channel.hpp>
#include <pf/os/device_watch.hpp>
#include <pf/os/driver_package.hpp>

namespace pf::host {

// The functions are called by several threads at once.
struct DeviceSystem {
    std::function<os::Result<std::vector<os::Instance>>()> list;
    std::function<os::Result<std::unique_ptr<os::DeviceChannel>>(const std::string& instance,
                                                                 const os::Patience& patience)>
        open;
    // Stops and starts an instance's device, and returns what was done; empty where there is no
    // such thing.
    std::function<os::Result<std::string>(const std::string& instance)> restart = {};
    // Empty: nobody tells when devices come and go.
    std::function<os::Result<std::unique_ptr<os::DeviceWatch>>()> watch = {};
    const os::Clock* clock = &os::system_clock();

    // `driver_image`: see os::DeviceChannel::open().
    static DeviceSystem real(const std::string& driver_image = {}) {
        return {[] { return os::list_instances(); },
                [driver_image](const std::string& instance, const os::Patience& patience) {
                    return os::DeviceChannel::open(instance, patience, driver_image);
                },
                [](const std::string& instance) { return os::restart_instance(instance); },
                [] { return os::DeviceWatch::start(); }};
    }
};

}  // namespace pf::host
