// Which drivers there are, and which of them this host can use. For programs that list instances;
// a Session finds its driver by itself.
#pragma once

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
    std::string reason;  // why it is not usable, one line; empty when it is
};

// Every instance; active ones are opened and asked. Takes up to 2 s for each that hangs.
os::Result<std::vector<InstanceReport>> survey_instances();

}  // namespace pf::host
