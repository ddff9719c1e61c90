#include <numeric>

#include <pf/host/discovery.hpp>

namespace pf::host {

std::size_t InstanceCounts::inactive() const {
    return std::accumulate(by_state.begin(), by_state.end(), std::size_t{0}) - active();
}

InstanceCounts count_instances(const std::vector<InstanceReport>& reports) {
    InstanceCounts counts;
    for (const InstanceReport& report : reports) {
        const auto state = static_cast<std::size_t>(report.instance.state);
        counts.by_state[state] += 1;
        counts.opened += report.opened ? 1 : 0;
        counts.wedged += report.wedged ? 1 : 0;
        counts.last_error = report.error > 0 ? report.error : counts.last_error;
    }
    return counts;
}

std::string to_string(const InstanceCounts& counts) {
    const std::size_t all = counts.active() + counts.inactive();
    std::string text = std::to_string(all) + (all == 1 ? " instance found" : " instances found");
    const char* separator = ": ";
    using enum os::InstanceState;
    for (const os::InstanceState state : {active, starting, stale, failed, stopped}) {
        if (const std::size_t count = counts.by_state[static_cast<std::size_t>(state)]) {
            text += separator;
            text += std::to_string(count) + " " + std::string(os::to_string(state));
            separator = ", ";
        }
    }
    if (counts.active() == 0) {
        return text;
    }
    text += " (" + std::to_string(counts.opened) + " opened, " + std::to_string(counts.wedged) +
            " wedged";
    return text +
           (counts.last_error != 0 ? ", last error " + std::to_string(counts.last_error) : "") +
           ")";
}

}  // namespace pf::host
