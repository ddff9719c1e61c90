// One install under way: carries out what install_plan.hpp decides, and knows what it has added, so
// that a failure can take it back. Internal to os/windows.
#pragma once

#include <string>
#include <vector>

#include "certificate.hpp"
#include "driver_install.hpp"
#include "driver_store.hpp"
#include "install_plan.hpp"

namespace pf::os {

class InstallRun {
public:
    // Both outlive it.
    InstallRun(const InstallCalls& calls, const InstallRequest& request)
        : calls_(calls), request_(request) {}

    Result<InstallReport> run();

private:
    Result<void> prepare();
    Result<void> take_steps();
    Result<void> take(InstallStep step, const DriverInventory& seen);
    Result<void> create();
    Result<void> update();
    Result<void> restart(const DriverInventory& seen);
    Result<void> replace(const DriverInventory& seen);
    Error give_up(InstallStep step) const;
    // Takes back what was added; says in the error what stays.
    Error undo(Error error);
    std::vector<std::string> take_back_packages();
    void note(std::string step) { report_.steps.push_back(std::move(step)); }

    const InstallCalls& calls_;
    const InstallRequest& request_;
    NewPackage package_;
    std::vector<DriverPackage> packages_before_;
    TrustChange trust_;
    std::string created_;                // id of the node
    std::vector<std::string> replaced_;  // packages that are no longer in the store
    InstallProgress done_;
    Error silence_{"ask driver", 0, Reaction::retry, {}};  // why it did not answer
    InstallReport report_;
};

}  // namespace pf::os
