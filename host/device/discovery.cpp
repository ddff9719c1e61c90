#include "device/discovery.hpp"

#include <algorithm>
#include <array>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>

namespace pf::host {
namespace {

struct Failure {
    os::Instance instance;
    std::string reason;
    bool mismatch = false;
};

os::Result<std::shared_ptr<DriverConnection>> try_candidate(const DeviceSystem& system,
                                                            const std::string& name,
                                                            std::int64_t timeout_ns,
                                                            const StopSignal* stop,
                                                            std::uint32_t* seen_version) {
    auto channel = system.open(name);
    if (!channel) {
        return tl::unexpected(channel.error());
    }
    return DriverConnection::establish(std::move(*channel), name,
                                       system.clock->deadline_after(timeout_ns), stop, seen_version,
                                       *system.clock);
}

std::string count_by_state(const std::vector<Failure>& failures) {
    using enum os::InstanceState;
    std::string text = std::to_string(failures.size()) +
                       (failures.size() == 1 ? " instance found: " : " instances found: ");
    bool first = true;
    for (const auto state : {active, stale, failed, stopped}) {
        const auto count = std::count_if(failures.begin(), failures.end(), [state](const auto& f) {
            return f.instance.state == state;
        });
        if (count > 0) {
            text += (first ? "" : ", ") + std::to_string(count) + " " +
                    std::string(os::to_string(state));
            first = false;
        }
    }
    return text;
}

std::string explain(const std::vector<Failure>& failures) {
    std::string text = count_by_state(failures);
    for (const Failure& f : failures) {
        text += "; '" + f.instance.name + "' (" + std::string(os::to_string(f.instance.state)) +
                ")" + (f.reason.empty() ? "" : ": " + f.reason);
    }
    return text;
}

tl::unexpected<os::Error> no_driver(const std::vector<Failure>& failures,
                                    const std::string& wanted) {
    if (failures.empty()) {
        return os::fail("find a driver", kNoDriver, os::Reaction::reopen,
                        wanted.empty() ? "no instance of the driver on this machine: start one"
                                       : "no instance named '" + wanted + "': start it");
    }
    const bool any_mismatch =
        std::any_of(failures.begin(), failures.end(), [](const auto& f) { return f.mismatch; });
    const bool only_mismatch = std::all_of(failures.begin(), failures.end(), [](const auto& f) {
        return f.mismatch || f.instance.state != os::InstanceState::active;
    });
    if (any_mismatch && only_mismatch) {
        return os::fail("find a driver", kProtocolMismatch, os::Reaction::fallback,
                        explain(failures));
    }
    return os::fail("find a driver", kNoDriver, os::Reaction::reopen, explain(failures));
}

}  // namespace

DeviceSystem DeviceSystem::real() {
    return {[] { return os::list_instances(); },
            [](const std::string& name) { return os::DeviceChannel::open(name); }};
}

os::Result<std::shared_ptr<DriverConnection>> discover(const DeviceSystem& system,
                                                       const DiscoveryOptions& options) {
    const auto instances = system.list();
    if (!instances) {
        return tl::unexpected(instances.error());
    }
    std::vector<Failure> failures;
    for (const os::Instance& instance : *instances) {
        if (!options.instance.empty() && instance.name != options.instance) {
            continue;
        }
        if (instance.state != os::InstanceState::active) {
            failures.push_back({instance, instance.reason});
            continue;
        }
        auto connection = try_candidate(system, instance.name, options.handshake_timeout_ns,
                                        options.stop, nullptr);
        if (connection) {
            return connection;
        }
        const os::Error& error = connection.error();
        failures.push_back({instance, error.detail, error.code == kProtocolMismatch});
    }
    return no_driver(failures, options.instance);
}

os::Result<std::vector<InstanceReport>> survey(const DeviceSystem& system,
                                               std::int64_t handshake_timeout_ns) {
    const auto instances = system.list();
    if (!instances) {
        return tl::unexpected(instances.error());
    }
    std::vector<InstanceReport> reports;
    for (const os::Instance& instance : *instances) {
        InstanceReport report{.instance = instance, .reason = instance.reason};
        if (instance.state == os::InstanceState::active) {
            const auto connection = try_candidate(system, instance.name, handshake_timeout_ns,
                                                  nullptr, &report.protocol);
            if (connection) {
                report.usable = true;
                report.reason.clear();
                report.watchdog_timeout_s = (*connection)->watchdog_timeout_s();
            } else {
                report.reason = connection.error().detail;
            }
        }
        reports.push_back(std::move(report));
    }
    return reports;
}

os::Result<std::vector<InstanceReport>> survey_instances() {
    return survey(DeviceSystem::real(), kHandshakeTimeoutNs);
}

}  // namespace pf::host
