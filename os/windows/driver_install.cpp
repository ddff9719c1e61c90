#include "driver_install.hpp"

#include <algorithm>

#include "certificate.hpp"
#include "device_nodes.hpp"
#include "driver_service.hpp"
#include "driver_store.hpp"
#include "install_run.hpp"
#include "wide_text.hpp"

namespace pf::os {
namespace {

// Where a node's key has no version of its driver, its package has it.
void fill_versions(DriverInventory& inventory) {
    for (DriverNode& node : inventory.nodes) {
        const auto package =
            std::find_if(inventory.packages.begin(), inventory.packages.end(),
                         [&node](const auto& known) { return known.name == node.package; });
        if (node.version.empty() && package != inventory.packages.end()) {
            node.version = package->version;
        }
    }
}

// Each of `ids`; what fails is told and stays.
void remove_nodes(const InstallCalls& calls, const std::vector<std::string>& ids,
                  ChangeReport& report) {
    for (const std::string& id : ids) {
        const auto removed = remove_node(calls, id);
        if (removed) {
            report.restart_pending |= *removed;
            report.steps.push_back("removed " + id);
        } else {
            report.failures.push_back(removed.error());
        }
    }
}

// The list's items, or none and the failure told.
template <typename Item>
std::vector<Item> or_failure(Result<std::vector<Item>> listed, ChangeReport& report) {
    if (!listed) {
        report.failures.push_back(listed.error());
        return {};
    }
    return std::move(*listed);
}

std::vector<std::string> ids_of(const std::vector<DriverNode>& nodes, bool phantoms_only) {
    std::vector<std::string> ids;
    for (const DriverNode& node : nodes) {
        if (!phantoms_only || !node.present) {
            ids.push_back(node.id);
        }
    }
    return ids;
}

void remove_packages(const InstallCalls& calls, ChangeReport& report) {
    for (const DriverPackage& package : or_failure(list_packages(calls), report)) {
        if (const auto removed = remove_package(calls, package.name); !removed) {
            report.failures.push_back(removed.error());
            continue;
        }
        report.steps.push_back("removed the package " + package.name + " (" + package.version +
                               ")");
    }
}

void remove_service(const InstallCalls& calls, ChangeReport& report) {
    const auto removed = remove_driver_service(calls, kDriverService);
    if (!removed) {
        report.failures.push_back(removed.error());
    } else if (*removed) {
        report.steps.push_back("removed the service " + narrow(kDriverService));
    }
}

void remove_certificates(const InstallCalls& calls, ChangeReport& report) {
    for (const wchar_t* const store : kCertificateStores) {
        const auto forgotten = forget_certificates(calls, store);
        if (!forgotten) {
            report.failures.push_back(forgotten.error());
        } else if (*forgotten != 0) {
            report.steps.push_back("removed the certificate from the store " + narrow(store));
        }
    }
}

}  // namespace

Result<DriverInventory> survey_driver(const InstallCalls& calls) {
    auto nodes = list_nodes(calls);
    auto packages = nodes ? list_packages(calls) : Result<std::vector<DriverPackage>>();
    if (!nodes || !packages) {
        return tl::unexpected(nodes ? packages.error() : nodes.error());
    }
    DriverInventory inventory{std::move(*nodes), std::move(*packages)};
    fill_versions(inventory);
    return inventory;
}

Result<InstallReport> install_driver(const InstallCalls& calls, const InstallRequest& request) {
    return InstallRun(calls, request).run();
}

Result<ChangeReport> remove_driver(const InstallCalls& calls) {
    ChangeReport report;
    remove_nodes(calls, ids_of(or_failure(list_nodes(calls), report), false), report);
    remove_service(calls, report);
    remove_packages(calls, report);
    remove_certificates(calls, report);
    return report;
}

Result<ChangeReport> reap_phantoms(const InstallCalls& calls) {
    ChangeReport report;
    remove_nodes(calls, ids_of(or_failure(list_nodes(calls), report), true), report);
    remove_nodes(calls, or_failure(list_phantom_monitors(calls), report), report);
    return report;
}

Result<std::string> restart_instance(const InstallCalls& calls, const std::string& id) {
    const auto restarted = restart_node(calls, id);
    if (restarted && restarted->pending) {
        return fail("restart device", 0, Reaction::retry,
                    id + ": something keeps it open; it restarts with the computer, or try again");
    }
    return restarted.map([](const NodeRestart& done) { return done.what; });
}

}  // namespace pf::os
