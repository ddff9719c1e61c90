#include "event.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace pf::chaos {
namespace {

constexpr std::string_view kNames[] = {"opened",  "waiting", "frame",  "wrong",
                                       "rebuilt", "closed",  "failed", "ended"};
constexpr std::size_t kFields = 7;

std::string one_field(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
    return text;
}

template <typename Number>
bool parse(std::string_view text, Number& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string encode(const HostEvent& e) {
    return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", kNames[static_cast<std::size_t>(e.kind)],
                       e.at_ns, e.published_ns, e.noticed_ns, e.driver_pid, one_field(e.monitor),
                       one_field(e.text));
}

std::optional<HostEvent> decode_event(std::string_view line) {
    std::array<std::string_view, kFields> fields;
    for (std::size_t i = 0; i < kFields; ++i) {
        const std::size_t tab = line.find('\t');
        if ((tab == std::string_view::npos) != (i + 1 == kFields)) {
            return std::nullopt;
        }
        fields[i] = line.substr(0, tab);
        line.remove_prefix(std::min(line.size(), fields[i].size() + 1));
    }
    const auto* name = std::find(std::begin(kNames), std::end(kNames), fields[0]);
    HostEvent event;
    if (name == std::end(kNames) || !parse(fields[1], event.at_ns) ||
        !parse(fields[2], event.published_ns) || !parse(fields[3], event.noticed_ns) ||
        !parse(fields[4], event.driver_pid)) {
        return std::nullopt;
    }
    event.kind = static_cast<HostEventKind>(name - std::begin(kNames));
    event.monitor = fields[5];
    event.text = fields[6];
    return event;
}

}  // namespace pf::chaos
