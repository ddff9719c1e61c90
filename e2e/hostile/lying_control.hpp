// A driver process that lies on the control channel and in the memory that it is given: mostly it
// keeps to the contract, so that a host gets far. Runs in a process of its own until it is killed.
#pragma once

#include <cstdint>
#include <string>

#include "shared_counts.hpp"

namespace pf::hostile {

struct ControlCounts {
    Count replies;      // lies and truths
    Count lies;         // in replies
    Count rewrites;     // of words in memory that the host gave
    Count rings;        // taken
    Count cursors;      // taken
    Count silences;     // replies that never came
    Count stand_still;  // the host asks for it: every event full and blocking, the process stopped
};

// Serves the instance. Never returns.
[[noreturn]] void serve_lies(const std::string& instance, std::uint64_t seed,
                             ControlCounts& counts);

}  // namespace pf::hostile
