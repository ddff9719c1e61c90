// Whether the frames of a ring may be shown: only while its own target is lit, and from the first
// frame on that came at the mode it is lit with. A monitor that was never lit keeps a live ring,
// too, and what would be streamed then is another screen.
#pragma once

#include <cstdint>
#include <optional>

#include <pf/host/topology.hpp>

#include "topology/snapshot.hpp"

namespace pf::host {

class CaptureGate {
public:
    enum class Verdict {
        wait,  // look again
        wake,  // the console's screens may sleep: wake them, once, then look again
        open,
        not_active,  // the monitor stays dark
        no_picture,  // it is lit, and no frame of it comes
    };

    explicit CaptureGate(const DisplayEnd& target) : target_(target) {}

    // `seen` is null when the query failed, which opens nothing. A gate that is open closes again
    // when its target goes dark or changes its mode. Once not_active or no_picture, always.
    Verdict look(const DisplayPaths* seen, const std::optional<FrameOrigin>& newest,
                 std::int64_t now_ns);

private:
    Verdict judge(const DisplayPath& path, const std::optional<FrameOrigin>& newest,
                  std::int64_t now_ns);
    Verdict run_out(Verdict verdict);

    DisplayEnd target_;
    std::optional<std::int64_t> dark_since_ns_;
    std::optional<std::int64_t> lit_since_ns_;  // and without a picture
    std::optional<std::int64_t> woken_ns_;
    std::optional<Verdict> run_out_;
};

}  // namespace pf::host
