// What a driver writes about its instance, and what a reader concludes from it. Pure functions.
// Internal to os/linux.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pf/os/device_channel.hpp>

namespace pf::os {

struct InstanceRecord {
    InstanceState state = InstanceState::stale;
    ProcessIdentity driver;
    std::uint32_t protocol = 0;
    std::string reason;
    std::vector<std::string> monitors = {};
    std::string display = {};
    std::string xauthority = {};
};

// "key=value" lines, unknown keys ignored. nullopt: no state that a driver may write.
std::optional<InstanceRecord> parse_record(std::string_view text);
std::string format_record(const InstanceRecord& record);

struct InstanceFacts {
    std::optional<InstanceRecord> record;
    bool locked = false;        // a living process holds the lock
    bool driver_lives = false;  // the recorded process, not another one with its pid
};

Instance judge_instance(std::string name, const InstanceFacts& facts);

}  // namespace pf::os
