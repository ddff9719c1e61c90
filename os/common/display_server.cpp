#include <pf/os/display_server.hpp>

#include <charconv>
#include <utility>

namespace pf::os {
namespace {

template <typename Number>
bool parse(std::string_view text, Number& out) {
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, out);
    return error == std::errc() && stopped == end;
}

bool take(DisplayServer& record, std::string_view key, std::string_view value) {
    if (key == "pid") {
        return parse(value, record.process.pid);
    }
    if (key == "start") {
        return parse(value, record.process.start_ticks);
    }
    if (key == "driver_pid") {
        return parse(value, record.driver.pid);
    }
    if (key == "driver_start") {
        return parse(value, record.driver.start_ticks);
    }
    if (key == "keeper_pid") {
        return parse(value, record.keeper.pid);
    }
    if (key == "keeper_start") {
        return parse(value, record.keeper.start_ticks);
    }
    if (key == "display") {
        record.display = value;
    } else if (key == "xauthority") {
        record.xauthority = value;
    } else if (key == "log") {
        record.log = value;
    }
    return true;
}

}  // namespace

std::string DisplayServer::encode() const {
    const auto named = [](const std::string& key, const ProcessIdentity& identity) {
        return key + "pid=" + std::to_string(identity.pid) + "\n" + key +
               "start=" + std::to_string(identity.start_ticks) + "\n";
    };
    return named("", process) + "display=" + display + "\nxauthority=" + xauthority +
           "\nlog=" + log + "\n" + named("driver_", driver) + named("keeper_", keeper);
}

std::optional<DisplayServer> DisplayServer::decode(std::string_view text) {
    DisplayServer record;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        const std::size_t equals = line.find('=');
        if (equals != std::string_view::npos &&
            !take(record, line.substr(0, equals), line.substr(equals + 1))) {
            return std::nullopt;
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (record.process.pid == 0 || record.process.start_ticks == 0) {
        return std::nullopt;
    }
    return record;
}

Process open_display_server(const std::string& instance_directory) {
    const auto noted = noted_display_server(instance_directory);
    if (!noted) {
        return {};
    }
    auto process = Process::open(noted->process.pid);
    return process && process->identity() == noted->process ? std::move(*process) : Process();
}

}  // namespace pf::os
