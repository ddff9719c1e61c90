// The floor that a transport of frames is measured against: two processes, a plain ring of six
// slots in shared memory, a memcpy, an event for each frame; no checks, no leases, no recovery.
// An interrupt (os::interrupted()) ends a measurement early, with what was measured so far.
#pragma once

#include <cstdint>
#include <vector>

#include <pf/host/mode.hpp>
#include <pf/os/result.hpp>

namespace pf::bench {

struct FloorResult {
    std::vector<double> latency_us;  // published until readable, one a frame received
    std::uint64_t frames = 0;        // received
    double seconds = 0;
    double consumer_cpu = 0;  // of one processor, 0..
};

// Paced at the mode's rate, 32 bits a pixel. Runs the producer in a forked child, the consumer
// here; other threads of this process may run.
os::Result<FloorResult> run_floor(const host::Mode& mode, double seconds);

// Frames a second that one thread can copy, and nothing else.
double memcpy_limit_fps(const host::Mode& mode, double seconds);

}  // namespace pf::bench
