// What a host under test tells: one value, or one line in the log of a host process. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pf::chaos {

enum class HostEventKind {
    opened,   // a session is there; `monitor`
    waiting,  // no session could be opened yet; `text`
    frame,    // whole, its own, new; `published_ns`
    wrong,    // a frame that is not; `text`
    rebuilt,  // `noticed_ns`, `monitor`; `text`: why
    closed,   // on purpose, to open anew
    failed,   // the session ended by itself; `text`
    ended,    // was told to
};

// Times are os::now_ns(), the same clock in every process.
struct HostEvent {
    HostEventKind kind{};
    std::int64_t at_ns = 0;
    std::int64_t published_ns = 0;
    std::int64_t noticed_ns = 0;
    std::uint32_t driver_pid = 0;
    std::string monitor;  // as the driver lists it: "1: 640x480@60 (target 257)"
    std::string text;
    friend bool operator==(const HostEvent&, const HostEvent&) = default;
};

std::string encode(const HostEvent& event);                    // with the newline
std::optional<HostEvent> decode_event(std::string_view line);  // without it

}  // namespace pf::chaos
