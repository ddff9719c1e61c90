#include "driver_answer.hpp"

#include <algorithm>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>
#include <pf/os/interrupt.hpp>

#include "instance_table.hpp"

namespace pf::cli {
namespace {

constexpr std::int64_t kBetweenLooks = os::kSecond / 4;

bool mismatches(const host::InstanceReport& report) {
    return !report.usable && report.protocol != 0;
}

}  // namespace

os::Result<void> judge_answers(const std::vector<host::InstanceReport>& reports) {
    const auto usable = [](const auto& report) { return report.usable; };
    if (std::any_of(reports.begin(), reports.end(), usable)) {
        return {};
    }
    std::string reasons;
    for (const host::InstanceReport& report : reports) {
        reasons += (reasons.empty() ? "" : "; ") + report.instance.name + ": " + reason_of(report);
    }
    const bool other_version = std::any_of(reports.begin(), reports.end(), mismatches);
    return os::fail("ask driver", other_version ? host::kProtocolMismatch : host::kNoDriver,
                    os::Reaction::retry, reports.empty() ? "no instance of it is there" : reasons);
}

os::Result<void> await_answer(std::int64_t budget_ns) {
    const std::int64_t deadline_ns = os::deadline_after(budget_ns);
    for (;;) {
        const auto answered = host::survey_instances().and_then(judge_answers);
        if (answered || answered.error().code == host::kProtocolMismatch ||
            os::now_ns() >= deadline_ns) {
            return answered;
        }
        if (os::interrupted()) {
            return os::fail("ask driver", host::kClosed, os::Reaction::retry, "interrupted");
        }
        os::sleep_until(os::now_ns() + kBetweenLooks);
    }
}

}  // namespace pf::cli
