// Which drivers there are, and which of them this host can use. For programs that list instances;
// a Session finds its driver by itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <pf/os/device_channel.hpp>

namespace pf::host {

struct InstanceReport {
    os::Instance instance;
    bool usable = false;         // active, opens, shakes hands, protocol 2..6
    std::uint32_t protocol = 0;  // 0: did not come so far; also set on a mismatch
    std::uint32_t watchdog_timeout_s = 0;
    std::string reason = {};  // why it is not usable, one line; empty when it is
    bool opened = false;      // of an active one, as the rest
    bool wedged = false;      // its open, or its first answer, did not come within its budget
    std::int64_t error = 0;   // what kept it from being usable, as in os::Error; 0: nothing
};

// Every instance; active ones are opened and asked, all at once. Takes up to 2 s where drivers
// hang, up to 10 s where devices do.
os::Result<std::vector<InstanceReport>> survey_instances();

struct InstanceCounts {
    std::array<std::size_t, 5> by_state{};  // by os::InstanceState
    std::size_t opened = 0;
    std::size_t wedged = 0;
    std::int64_t last_error = 0;  // the system's or the driver's, of the last that has one

    std::size_t active() const {
        return by_state[static_cast<std::size_t>(os::InstanceState::active)];
    }
    std::size_t inactive() const;
};
InstanceCounts count_instances(const std::vector<InstanceReport>& reports);
// "3 instances found: 1 active, 2 stale (0 opened, 1 wedged, last error 31)"
std::string to_string(const InstanceCounts& counts);

}  // namespace pf::host
