// Finds the driver: every instance is looked at, only active ones are candidates, the first that
// opens and shakes hands wins. A dead instance never shadows a live one, and one that hangs costs
// the others a quarter of a second.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <pf/host/discovery.hpp>

#include "device/device_system.hpp"
#include "device/driver_connection.hpp"

namespace pf::host {

struct DiscoveryOptions {
    std::string instance;                                     // empty: any; else only this one
    std::int64_t handshake_timeout_ns = kHandshakeTimeoutNs;  // for each candidate
    std::int64_t open_timeout_ns = kOpenTimeoutNs;            // for each, before that
    const StopSignal* stop = nullptr;
    // Told what was found where nothing can be used; may be null.
    std::vector<InstanceReport>* found = nullptr;
};

// Where several can be used, the first in name order is taken, as far as it answers about as fast
// as the others. Error: kNoDriver, or kProtocolMismatch when all that keeps the candidates out is
// their version. Its detail counts the instances by state and gives each one's reason.
os::Result<std::shared_ptr<DriverConnection>> discover(const DeviceSystem& system,
                                                       const DiscoveryOptions& options);

// All candidates are asked at once.
os::Result<std::vector<InstanceReport>> survey(const DeviceSystem& system,
                                               std::int64_t handshake_timeout_ns);

}  // namespace pf::host
