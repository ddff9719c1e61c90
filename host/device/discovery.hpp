// Finds the driver: every instance is looked at, only active ones are candidates, the first that
// opens and shakes hands wins. A dead instance never shadows a live one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <pf/host/discovery.hpp>
#include <pf/os/device_channel.hpp>

#include "device/driver_connection.hpp"

namespace pf::host {

// What discovery asks of the system; tests pass their own.
struct DeviceSystem {
    std::function<os::Result<std::vector<os::Instance>>()> list;
    std::function<os::Result<std::unique_ptr<os::DeviceChannel>>(const std::string&)> open;
    const os::Clock* clock = &os::system_clock();
    static DeviceSystem real();
};

struct DiscoveryOptions {
    std::string instance;                                     // empty: any; else only this one
    std::int64_t handshake_timeout_ns = kHandshakeTimeoutNs;  // for each candidate
    const StopSignal* stop = nullptr;
};

// Error: kNoDriver, or kProtocolMismatch when all that keeps the candidates out is their version.
// Its detail counts the instances by state and gives each one's reason.
os::Result<std::shared_ptr<DriverConnection>> discover(const DeviceSystem& system,
                                                       const DiscoveryOptions& options);

os::Result<std::vector<InstanceReport>> survey(const DeviceSystem& system,
                                               std::int64_t handshake_timeout_ns);

}  // namespace pf::host
