#include "device/discovery.hpp"

#include <algorithm>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>

#include "device/inquiry.hpp"

namespace pf::host {
namespace {

// A driver that works answers within some milliseconds. The first in name order is asked alone for
// so long, before the others are disturbed.
constexpr std::int64_t kAloneNs = 250 * os::kMillisecond;
// What those before it in name order get, once one has shaken hands.
constexpr std::int64_t kGraceNs = 50 * os::kMillisecond;

bool is_active(const os::Instance& instance) {
    return instance.state == os::InstanceState::active;
}

bool is_mismatch(const InstanceReport& report) {
    return report.error == kProtocolMismatch;
}

std::string explain(const std::vector<InstanceReport>& reports) {
    std::string text = to_string(count_instances(reports));
    for (const InstanceReport& report : reports) {
        text += "; '" + report.instance.name + "' (" +
                std::string(os::to_string(report.instance.state)) + ")" +
                (report.reason.empty() ? "" : ": " + report.reason);
    }
    return text;
}

tl::unexpected<os::Error> no_driver(const std::vector<InstanceReport>& reports,
                                    const std::string& wanted) {
    if (reports.empty()) {
        return os::fail("find a driver", kNoDriver, os::Reaction::reopen,
                        wanted.empty() ? "no instance of the driver on this machine: start one"
                                       : "no instance named '" + wanted + "': start it");
    }
    const bool any_mismatch = std::any_of(reports.begin(), reports.end(), is_mismatch);
    const bool only_mismatch = std::all_of(reports.begin(), reports.end(), [](const auto& report) {
        return is_mismatch(report) || !is_active(report.instance);
    });
    if (any_mismatch && only_mismatch) {
        return os::fail("find a driver", kProtocolMismatch, os::Reaction::fallback,
                        explain(reports));
    }
    return os::fail("find a driver", kNoDriver, os::Reaction::reopen, explain(reports));
}

AskingTimes times_of(const DiscoveryOptions& options) {
    return {options.open_timeout_ns, options.handshake_timeout_ns};
}

bool stopped(const StopSignal* stop) {
    return stop != nullptr && stop->stopped();
}

// True: all that were asked have answered, or one has that can be used.
bool wait_for_usable(const Inquiry& inquiry, std::int64_t deadline_ns, const StopSignal* stop) {
    while (!inquiry.first_usable() && !inquiry.all_answered()) {
        if (!inquiry.wait_for_answer(deadline_ns, stop)) {
            return false;
        }
    }
    return true;
}

// Asks until one can be used, which is told, or none can.
std::optional<std::size_t> race(Inquiry& inquiry, const StopSignal* stop) {
    inquiry.ask(0);
    (void)wait_for_usable(inquiry, os::deadline_after(kAloneNs), stop);
    for (std::size_t i = 1; i < inquiry.size() && !inquiry.first_usable() && !stopped(stop); ++i) {
        inquiry.ask(i);
    }
    if (!wait_for_usable(inquiry, os::kNever, stop)) {
        return std::nullopt;
    }
    const std::int64_t grace_ns = os::deadline_after(kGraceNs);
    std::optional<std::size_t> best = inquiry.first_usable();
    while (best && !inquiry.answered_before(*best) && inquiry.wait_for_answer(grace_ns, stop)) {
        best = inquiry.first_usable();
    }
    return best;
}

struct Found {
    std::shared_ptr<DriverConnection> connection;
    std::vector<InstanceReport> reports;  // of the candidates, where there is no connection
};

os::Result<Found> ask_one(const DeviceSystem& system, const os::Instance& candidate,
                          const DiscoveryOptions& options) {
    Answer answer = ask_instance(system, candidate, times_of(options), options.stop);
    return Found{std::move(answer.connection), {std::move(answer.report)}};
}

os::Result<Found> ask_several(const DeviceSystem& system,
                              const std::vector<os::Instance>& candidates,
                              const DiscoveryOptions& options) {
    const auto inquiry = Inquiry::begin(system, candidates, times_of(options));
    if (!inquiry) {
        return tl::unexpected(inquiry.error());
    }
    Found found;
    if (const auto best = race(**inquiry, options.stop)) {
        found.connection = (*inquiry)->take(*best).connection;
        return found;
    }
    if (stopped(options.stop)) {
        return closed("find a driver");
    }
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        found.reports.push_back((*inquiry)->take(i).report);
    }
    return found;
}

}  // namespace

os::Result<std::shared_ptr<DriverConnection>> discover(const DeviceSystem& system,
                                                       const DiscoveryOptions& options) {
    const auto instances = system.list();
    if (!instances) {
        return tl::unexpected(instances.error());
    }
    std::vector<InstanceReport> reports;
    std::vector<os::Instance> candidates;
    for (const os::Instance& instance : *instances) {
        if (!options.instance.empty() && instance.name != options.instance) {
            continue;
        }
        if (is_active(instance)) {
            candidates.push_back(instance);
        } else {
            reports.push_back({.instance = instance, .reason = instance.reason});
        }
    }
    if (!candidates.empty()) {
        auto found = candidates.size() == 1 ? ask_one(system, candidates[0], options)
                                            : ask_several(system, candidates, options);
        if (!found) {
            return tl::unexpected(found.error());
        }
        if (found->connection != nullptr) {
            return std::move(found->connection);
        }
        reports.insert(reports.end(), found->reports.begin(), found->reports.end());
    }
    std::sort(reports.begin(), reports.end(),
              [](const auto& a, const auto& b) { return a.instance.name < b.instance.name; });
    auto failed = no_driver(reports, options.instance);
    if (options.found != nullptr) {
        *options.found = std::move(reports);
    }
    return failed;
}

os::Result<std::vector<InstanceReport>> survey(const DeviceSystem& system,
                                               std::int64_t handshake_timeout_ns) {
    const auto instances = system.list();
    if (!instances) {
        return tl::unexpected(instances.error());
    }
    const auto inquiry = Inquiry::begin(system, *instances, {.handshake_ns = handshake_timeout_ns});
    if (!inquiry) {
        return tl::unexpected(inquiry.error());
    }
    for (std::size_t i = 0; i < instances->size(); ++i) {
        if (is_active((*instances)[i])) {
            (*inquiry)->ask(i);
        }
    }
    while (!(*inquiry)->all_answered()) {
        (void)(*inquiry)->wait_for_answer(os::kNever, nullptr);
    }
    std::vector<InstanceReport> reports;
    for (std::size_t i = 0; i < instances->size(); ++i) {
        const os::Instance& instance = (*instances)[i];
        reports.push_back(is_active(instance)
                              ? (*inquiry)->take(i).report
                              : InstanceReport{.instance = instance, .reason = instance.reason});
    }
    return reports;
}

os::Result<std::vector<InstanceReport>> survey_instances() {
    return survey(DeviceSystem::real(), kHandshakeTimeoutNs);
}

}  // namespace pf::host
