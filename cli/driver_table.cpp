#include "driver_table.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace pf::cli {
namespace {

std::string state_of(const os::DriverNode& node) {
    if (!node.present) {
        return "phantom";
    }
    if (node.problem != 0) {
        return fmt::format("problem {}", node.problem);
    }
    return node.started ? "started" : "not started";
}

const std::string& or_dash(const std::string& text) {
    static const std::string kDash = "-";
    return text.empty() ? kDash : text;
}

std::string lines(const std::vector<std::string>& steps) {
    std::string text;
    for (const std::string& step : steps) {
        text += step + "\n";
    }
    return text;
}

}  // namespace

std::string to_text(const os::DriverInventory& inventory) {
    if (inventory.nodes.empty() && inventory.packages.empty()) {
        return "no driver is installed; install one with: pfvd driver install\n";
    }
    std::size_t width = 4;
    for (const os::DriverNode& node : inventory.nodes) {
        width = std::max(width, node.id.size());
    }
    std::string text = fmt::format("{:<{}}  {:<11}  {:<9}  {:<12}  {}\n", "NODE", width, "STATE",
                                   "INTERFACE", "DRIVER", "PACKAGE");
    for (const os::DriverNode& node : inventory.nodes) {
        text += fmt::format("{:<{}}  {:<11}  {:<9}  {:<12}  {}\n", node.id, width, state_of(node),
                            node.interface_active ? "active" : "inactive", or_dash(node.version),
                            or_dash(node.package));
    }
    for (const os::DriverPackage& package : inventory.packages) {
        text += fmt::format("package {}: {}\n", package.name, or_dash(package.version));
    }
    return text;
}

std::string to_text(const os::InstallReport& report) {
    return lines(report.steps) + fmt::format("driver {} is installed and answers{}\n",
                                             report.version,
                                             report.steps.empty() ? "; nothing was changed" : "");
}

std::string to_text(const os::ChangeReport& report) {
    if (report.steps.empty() && report.failures.empty()) {
        return "nothing of it was there\n";
    }
    return lines(report.steps) +
           (report.restart_pending ? "some of it goes only when the computer is restarted\n" : "");
}

}  // namespace pf::cli
