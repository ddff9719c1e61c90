#include <pf/os/driver_package.hpp>

#include "driver_install.hpp"

namespace pf::os {
namespace {

const InstallCalls kSystem;

}  // namespace

Result<DriverInventory> survey_driver() {
    return survey_driver(kSystem);
}

Result<InstallReport> install_driver(const InstallRequest& request) {
    return install_driver(kSystem, request);
}

Result<ChangeReport> remove_driver() {
    return remove_driver(kSystem);
}

Result<ChangeReport> reap_phantoms() {
    return reap_phantoms(kSystem);
}

Result<std::string> restart_instance(const std::string& id) {
    return restart_instance(kSystem, id);
}

}  // namespace pf::os
