#include <pf/os/driver_package.hpp>

namespace pf::os {
namespace {

tl::unexpected<Error> needs_none(const char* operation) {
    return fail(operation, 0, Reaction::fallback,
                "the Linux driver needs no installing; start it with: pfvd driver");
}

}  // namespace

Result<DriverInventory> survey_driver() {
    return needs_none("list driver packages");
}

Result<InstallReport> install_driver(const InstallRequest&) {
    return needs_none("install driver");
}

Result<ChangeReport> remove_driver() {
    return needs_none("remove driver");
}

Result<ChangeReport> reap_phantoms() {
    return needs_none("reap phantoms");
}

Result<std::string> restart_instance(const std::string&) {
    return fail("restart device", 0, Reaction::fallback,
                "a Linux driver is a program; its service or --supervise restarts it");
}

}  // namespace pf::os
