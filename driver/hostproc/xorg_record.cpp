#include "xorg_record.hpp"

#include <charconv>

#include <fmt/format.h>

namespace pf::hostproc {
namespace {

template <typename Number>
bool parse(std::string_view text, Number& out) {
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, out);
    return error == std::errc() && stopped == end;
}

bool take(XorgRecord& record, std::string_view key, std::string_view value) {
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

std::string XorgRecord::encode() const {
    return fmt::format(
        "pid={}\nstart={}\ndisplay={}\nxauthority={}\nlog={}\n"
        "driver_pid={}\ndriver_start={}\nkeeper_pid={}\nkeeper_start={}\n",
        process.pid, process.start_ticks, display, xauthority, log, driver.pid, driver.start_ticks,
        keeper.pid, keeper.start_ticks);
}

std::optional<XorgRecord> XorgRecord::decode(std::string_view text) {
    XorgRecord record;
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

}  // namespace pf::hostproc
