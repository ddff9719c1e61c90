// The driver as something installed: device nodes of its hardware id, packages of it in the
// system's store, and how both come and go. For administrators, one caller at a time, any thread.
// Where a driver needs no installing (Linux) every call answers so, with reaction fallback.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <pf/os/result.hpp>

namespace pf::os {

struct DriverNode {
    std::string id;        // device instance id: "ROOT\DISPLAY\0000"
    bool present = false;  // false: a phantom, what the registry keeps of a device that is gone
    bool started = false;  // its driver runs
    std::uint32_t problem = 0;      // the system's CM_PROB_ code (cfg.h); 0: none, or a phantom
    bool interface_active = false;  // hosts find it
    std::string version;            // of the driver that it has; empty: it has none
    std::string package;            // that its driver came from: "oem7.inf"
};

struct DriverPackage {
    std::string name;     // in the store: "oem7.inf"
    std::string version;  // "0.1.0.0"
};

struct DriverInventory {
    std::vector<DriverNode> nodes;  // in the system's order
    std::vector<DriverPackage> packages;
};

Result<DriverInventory> survey_driver();

struct InstallRequest {
    std::string inf;  // path; what it names lies beside it
    // Path of a certificate, DER or PEM, that becomes trusted for the whole machine; empty: none.
    std::string certificate = {};
    // Waits until a driver answers its protocol; else why none does.
    std::function<Result<void>()> answers;
};

struct InstallReport {
    std::string version;             // now installed
    std::vector<std::string> steps;  // what was changed, in order, a line for people each
};

// Installed means that the protocol answered. No step: that version was there and answers. An error
// takes back what was added as far as that goes, and its detail says what stays.
Result<InstallReport> install_driver(const InstallRequest& request);

struct ChangeReport {
    std::vector<std::string> steps;
    std::vector<Error> failures;   // what stays, and why; the other things were tried all the same
    bool restart_pending = false;  // some of it is gone only when the computer has been restarted
};

// Nodes, present and phantom, then a service of their own, packages, and the certificates that an
// install brought.
Result<ChangeReport> remove_driver();

// Phantom nodes of the driver and phantom monitors of its make. What is present stays.
Result<ChangeReport> reap_phantoms();

// Stops and starts one node. Returns what was done, a line for people. A handle that is open to the
// device keeps it from stopping: retry.
Result<std::string> restart_instance(const std::string& id);

}  // namespace pf::os
