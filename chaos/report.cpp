#include "report.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pf::chaos {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value) {
    return std::round(value * 1000) / 1000;
}

Json kind_object(const KindCounts& counts) {
    const rig::Percentiles recovery = counts.recovery_ms.percentiles();
    const rig::Percentiles notice = counts.notice_ms.percentiles();
    return {{"injected", counts.injected},
            {"skipped", counts.skipped},
            {"recovery_ms",
             {{"count", counts.recovery_ms.count()},
              {"p50", rounded(recovery.p50)},
              {"p99", rounded(recovery.p99)},
              {"max", rounded(recovery.max)}}},
            {"notice_ms",
             {{"count", counts.notice_ms.count()},
              {"p50", rounded(notice.p50)},
              {"max", rounded(notice.max)}}}};
}

bool happened(const KindCounts& counts) {
    return counts.injected + counts.skipped > 0;
}

}  // namespace

std::uint64_t Report::injected() const {
    std::uint64_t all = 0;
    for (const KindCounts& counts : kinds) {
        all += counts.injected;
    }
    return all;
}

std::string to_json(const Report& r) {
    Json kinds = Json::object();
    for (std::size_t i = 0; i < kFaultKinds; ++i) {
        if (happened(r.kinds[i])) {
            kinds[std::string(to_string(static_cast<FaultKind>(i)))] = kind_object(r.kinds[i]);
        }
    }
    const Json json{{"seed", r.seed},
                    {"source", r.source},
                    {"seconds", rounded(r.seconds)},
                    {"hosts", r.hosts},
                    {"injected", r.injected()},
                    {"faults", std::move(kinds)},
                    {"frames", r.frames},
                    {"rebuilds", r.rebuilds},
                    {"torn", r.torn},
                    {"stale", r.stale},
                    {"foreign", r.foreign},
                    {"hosts_killed", r.hosts_killed},
                    {"drivers_started", r.drivers_started},
                    {"violations", r.violations}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_text(const Report& r) {
    std::string text = fmt::format(
        "{:<17} {:>8} {:>7}   {:^26}   {:^17}\n{:<17} {:>8} {:>7}   {:>8} {:>8} {:>8} "
        "  {:>8} {:>8}\n",
        "fault", "injected", "skipped", "fresh frame after, ms", "noticed after, ms", "", "", "",
        "p50", "p99", "max", "p50", "max");
    for (std::size_t i = 0; i < kFaultKinds; ++i) {
        const KindCounts& counts = r.kinds[i];
        if (!happened(counts)) {
            continue;
        }
        const rig::Percentiles recovery = counts.recovery_ms.percentiles();
        const rig::Percentiles notice = counts.notice_ms.percentiles();
        text += fmt::format("{:<17} {:>8} {:>7}   {:>8.1f} {:>8.1f} {:>8.1f}   {:>8.1f} {:>8.1f}\n",
                            to_string(static_cast<FaultKind>(i)), counts.injected, counts.skipped,
                            recovery.p50, recovery.p99, recovery.max, notice.p50, notice.max);
    }
    text += fmt::format(
        "{} faults in {:.1f} s, {} hosts on '{}': {} frames, {} torn, {} stale, {} foreign, {} "
        "rebuilds, {} hosts killed, {} drivers started, {} violations (seed {})\n",
        r.injected(), r.seconds, r.hosts, r.source, r.frames, r.torn, r.stale, r.foreign,
        r.rebuilds, r.hosts_killed, r.drivers_started, r.violations.size(), r.seed);
    for (const std::string& violation : r.violations) {
        text += "  " + violation + "\n";
    }
    return text;
}

}  // namespace pf::chaos
