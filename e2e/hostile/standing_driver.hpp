// A driver that leaves the ring's event full and blocking and stands still, stopped: how long the
// calls of a session take that can do nothing with it.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include <pf/host/host.hpp>

#include "lying_control.hpp"

namespace pf::hostile {

struct StandstillTimes {
    std::uint64_t rounds = 0;
    std::int64_t longest_next_ns = 0;   // beyond its deadline
    std::int64_t longest_close_ns = 0;  // wake, close and the destructor
};

// One round: a session that has had a frame from the liar `driver`. It goes on afterwards. With
// `rebuilds` the session first notices, and does what it can. Insists on the bounds.
void stand_still(pid_t driver, ControlCounts& counts, const host::SessionOptions& options,
                 bool rebuilds, StandstillTimes& times);

}  // namespace pf::hostile
