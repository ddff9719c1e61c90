// What a lying host's neighbour sees: a session of the real host library that looks at every row of
// every frame.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace pf::hostile {

struct HonestOutcome {
    std::uint64_t frames = 0;
    std::uint64_t not_whole = 0;  // torn, or another monitor's
    std::uint64_t rebuilds = 0;
    std::string error;  // empty: none
};

// Captures until `enough(frames so far)`.
HonestOutcome capture_whole_frames(const std::string& instance,
                                   const std::function<bool(std::uint64_t)>& enough);

}  // namespace pf::hostile
