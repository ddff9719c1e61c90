#include "instance_table.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pf::cli {
namespace {

std::string number_or_dash(std::uint32_t number) {
    return number != 0 ? std::to_string(number) : "-";
}

}  // namespace

const std::string& reason_of(const host::InstanceReport& report) {
    return report.reason.empty() ? report.instance.reason : report.reason;
}

std::string to_text(const std::vector<host::InstanceReport>& reports,
                    const std::string& directory) {
    if (reports.empty() && directory.empty()) {
        return "the driver has no device here; install it with: pfvd driver install\n";
    }
    if (reports.empty()) {
        return fmt::format("no driver has run here ({}); start one with: pfvd driver\n", directory);
    }
    std::size_t width = 8;
    for (const host::InstanceReport& report : reports) {
        width = std::max(width, report.instance.name.size());
    }
    std::string text = fmt::format("{:<{}}  {:<8}  {:>8}  {:<8}  {}\n", "INSTANCE", width, "STATE",
                                   "PID", "PROTOCOL", "MONITORS, OR WHY NOT");
    for (const host::InstanceReport& report : reports) {
        const auto& instance = report.instance;
        std::string monitors = instance.monitors.empty()
                                   ? "none"
                                   : fmt::format("{}", fmt::join(instance.monitors, ", "));
        if (!instance.reason.empty()) {
            monitors += "; " + instance.reason;
        }
        text += fmt::format("{:<{}}  {:<8}  {:>8}  {:<8}  {}\n", instance.name, width,
                            os::to_string(instance.state), number_or_dash(instance.pid),
                            number_or_dash(report.protocol),
                            report.usable ? monitors : reason_of(report));
        if (!instance.display.empty()) {
            text += fmt::format("{:<{}}  a program on it: {} xterm\n", "", width,
                                os::display_environment(instance.display, instance.xauthority));
        }
    }
    return text;
}

}  // namespace pf::cli
