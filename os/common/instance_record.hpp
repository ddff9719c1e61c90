// What a driver writes about its instance, and what a reader concludes from it. Pure functions.
// Internal to os/.
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
    std::uint64_t pid_namespace = 0;  // that `driver` is a number of; 0: unknown
};

// "key=value" lines, unknown keys ignored. nullopt: no state that a driver may write.
std::optional<InstanceRecord> parse_record(std::string_view text);
std::string format_record(const InstanceRecord& record);

// What was looked at, and could be told or not.
enum class Seen { no, yes, unknown };

struct InstanceFacts {
    std::optional<InstanceRecord> record;
    Seen locked = Seen::no;        // a living process holds the lock
    Seen driver_lives = Seen::no;  // the recorded process, not another one with its pid
};

// Active as long as nothing speaks against it: opening it tells more than any look from outside.
Instance judge_instance(std::string name, const InstanceFacts& facts);

}  // namespace pf::os
