// What a chaos run came to, and how it is printed. Plain data and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "judge.hpp"

namespace pf::chaos {

struct Report {
    std::uint64_t seed = 0;
    std::string source;
    double seconds = 0;
    std::uint64_t hosts = 0;
    std::array<KindCounts, kFaultKinds> kinds;
    std::uint64_t frames = 0, rebuilds = 0;
    std::uint64_t torn = 0, stale = 0, foreign = 0;
    std::uint64_t hosts_killed = 0;
    std::uint64_t drivers_started = 0;
    std::vector<std::string> violations;

    std::uint64_t injected() const;
};

std::string to_text(const Report& report);  // a table for people
std::string to_json(const Report& report);  // one line

}  // namespace pf::chaos
