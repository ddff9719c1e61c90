// How long an X server of ours waits for the next driver, as text.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include <pf/os/clock.hpp>

namespace pf::driver {

// "30" or "never" as ns, os::kNever for the latter. nullopt: neither.
inline std::optional<std::int64_t> parse_keep(std::string_view text) {
    constexpr std::int64_t kMostSeconds = 1'000'000'000;
    if (text == "never") {
        return os::kNever;
    }
    std::int64_t seconds = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, seconds);
    const bool good =
        error == std::errc() && stopped == end && seconds >= 0 && seconds <= kMostSeconds;
    return good ? std::optional(seconds * os::kSecond) : std::nullopt;
}

}  // namespace pf::driver
