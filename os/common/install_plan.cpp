#include "install_plan.hpp"

#include <algorithm>

namespace pf::os {
namespace {

using Asked = InstallProgress::Asked;

constexpr unsigned kMostUpdates = 2;  // the second with our old packages out of the store

bool any_present(const std::vector<DriverNode>& nodes) {
    return std::any_of(nodes.begin(), nodes.end(), [](const auto& node) { return node.present; });
}

bool all_have(const std::vector<DriverNode>& nodes, std::string_view version) {
    return std::all_of(nodes.begin(), nodes.end(), [version](const DriverNode& node) {
        return !node.present || node.version == version;
    });
}

InstallStep first_step(const DriverInventory& seen, std::string_view version,
                       const InstallProgress& done) {
    if (up_to_date(seen, version)) {
        return InstallStep::ask;
    }
    // One that was created need not be listed as present before it has its driver.
    return any_present(seen.nodes) || done.created ? InstallStep::update : InstallStep::create_node;
}

}  // namespace

bool up_to_date(const DriverInventory& seen, std::string_view version) {
    const bool stored =
        std::any_of(seen.packages.begin(), seen.packages.end(),
                    [version](const auto& package) { return package.version == version; });
    return stored && any_present(seen.nodes) && all_have(seen.nodes, version);
}

InstallStep next_step(const DriverInventory& seen, std::string_view version,
                      const InstallProgress& done) {
    if (done.asked == Asked::answered) {
        return InstallStep::finished;
    }
    if (done.asked == Asked::silent) {
        return done.restarted ? InstallStep::no_answer : InstallStep::restart_nodes;
    }
    if (done.updates == 0 && !done.restarted) {
        return first_step(seen, version, done);
    }
    if (!done.restart_pending && all_have(seen.nodes, version)) {
        return InstallStep::ask;
    }
    if (!done.restarted) {
        return InstallStep::restart_nodes;
    }
    return done.updates < kMostUpdates ? InstallStep::replace_packages : InstallStep::kept_old;
}

std::vector<std::string> nodes_to_restart(const std::vector<DriverNode>& nodes,
                                          std::string_view version) {
    std::vector<std::string> wrong;
    std::vector<std::string> all;
    for (const DriverNode& node : nodes) {
        if (!node.present) {
            continue;
        }
        all.push_back(node.id);
        if (!node.started || node.version != version) {
            wrong.push_back(node.id);
        }
    }
    return wrong.empty() ? all : wrong;
}

}  // namespace pf::os
