// Proves of each frame of the pattern source that it is whole, its own, and new. No state but the
// last frame's place; one thread.
#pragma once

#include <cstdint>

#include <pf/host/frame.hpp>

namespace pf::rig {

enum class Verdict {
    whole,
    torn,     // rows of more than one frame, or rows that nobody painted
    foreign,  // rows of another monitor
    stale,    // one whole frame, but not the one that its record names, or an older one again
};

class FrameChecker {
public:
    Verdict check(const host::FrameView& view);
    // The source starts counting anew: another driver process, another ring.
    void start_over() { any_ = false; }

private:
    bool any_ = false;
    std::uint32_t generation_ = 0;
    std::uint64_t last_sequence_ = 0;
};

}  // namespace pf::rig
