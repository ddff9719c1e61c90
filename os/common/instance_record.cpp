#include "instance_record.hpp"

#include <algorithm>
#include <charconv>

#include <pf/os/instance_directory.hpp>

namespace pf::os {

namespace {

constexpr InstanceState kWritten[] = {InstanceState::active, InstanceState::starting,
                                      InstanceState::failed, InstanceState::stopped};

std::optional<InstanceState> parse_state(std::string_view text) {
    const auto* found = std::find_if(std::begin(kWritten), std::end(kWritten),
                                     [&](InstanceState state) { return to_string(state) == text; });
    return found != std::end(kWritten) ? std::optional(*found) : std::nullopt;
}

constexpr std::size_t kMaxMonitors = 16;  // one more than a driver can have

template <typename Number>
void parse_number(std::string_view text, Number& out) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) {
        out = value;
    }
}

// The text goes to terminals: no line breaks, no escape sequences.
std::string one_line(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return line;
}

std::string stale_reason(const InstanceFacts& facts) {
    const bool locked = facts.locked == Seen::yes;
    if (!facts.record) {
        return locked ? "its driver process is starting" : "no readable state file";
    }
    const std::string process = "driver process " + std::to_string(facts.record->driver.pid);
    if (facts.driver_lives == Seen::unknown) {
        return "its driver is gone: no process holds the instance's lock";
    }
    if (facts.driver_lives == Seen::no) {
        return process + " is gone" + (locked ? "; another one is starting" : "");
    }
    return process + " does not hold the instance's lock";
}

}  // namespace

std::string_view to_string(InstanceState state) {
    switch (state) {
        case InstanceState::active: return "active";
        case InstanceState::starting: return "starting";
        case InstanceState::stale: return "stale";
        case InstanceState::failed: return "failed";
        case InstanceState::stopped: return "stopped";
    }
    return "unknown";
}

std::optional<InstanceRecord> parse_record(std::string_view text) {
    InstanceRecord record;
    std::optional<InstanceState> state;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) {
            continue;
        }
        const std::string_view key = line.substr(0, equals);
        const std::string_view value = line.substr(equals + 1);
        if (key == "state") {
            state = parse_state(value);
        } else if (key == "pid") {
            parse_number(value, record.driver.pid);
        } else if (key == "start") {
            parse_number(value, record.driver.start_ticks);
        } else if (key == "pidns") {
            parse_number(value, record.pid_namespace);
        } else if (key == "protocol") {
            parse_number(value, record.protocol);
        } else if (key == "reason") {
            record.reason = one_line(value);
        } else if (key == "monitor" && record.monitors.size() < kMaxMonitors) {
            record.monitors.push_back(one_line(value));
        } else if (key == "display") {
            record.display = one_line(value);
        } else if (key == "xauthority") {
            record.xauthority = one_line(value);
        }
    }
    if (!state) {
        return std::nullopt;
    }
    record.state = *state;
    return record;
}

std::string format_record(const InstanceRecord& record) {
    std::string text = "state=" + std::string(to_string(record.state)) +
                       "\npid=" + std::to_string(record.driver.pid) +
                       "\nstart=" + std::to_string(record.driver.start_ticks) +
                       "\npidns=" + std::to_string(record.pid_namespace) +
                       "\nprotocol=" + std::to_string(record.protocol) +
                       "\nreason=" + one_line(record.reason) + "\n";
    for (const std::string& monitor : record.monitors) {
        text += "monitor=" + one_line(monitor) + "\n";
    }
    if (!record.display.empty()) {
        text += "display=" + one_line(record.display) +
                "\nxauthority=" + one_line(record.xauthority) + "\n";
    }
    return text;
}

Instance judge_instance(std::string name, const InstanceFacts& facts) {
    Instance instance;
    instance.name = std::move(name);
    const bool may_live = facts.driver_lives == Seen::yes ||
                          (facts.driver_lives == Seen::unknown && facts.locked != Seen::no);
    if (facts.record) {
        instance.pid = facts.driver_lives == Seen::yes ? facts.record->driver.pid : 0;
        instance.protocol = facts.record->protocol;
    }
    const InstanceState written = facts.record ? facts.record->state : InstanceState::active;
    if (written == InstanceState::active || written == InstanceState::starting) {
        const bool lives = facts.record && facts.locked != Seen::no && may_live;
        instance.state = lives ? written : InstanceState::stale;
        instance.reason = lives ? facts.record->reason : stale_reason(facts);
        if (instance.state == InstanceState::active) {
            instance.monitors = facts.record->monitors;
            instance.display = facts.record->display;
            instance.xauthority = facts.record->xauthority;
        }
        return instance;
    }
    instance.state = written;
    instance.reason =
        facts.record->reason.empty() ? std::string(to_string(written)) : facts.record->reason;
    return instance;
}

}  // namespace pf::os
