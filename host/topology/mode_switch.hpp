// Sets a monitor to an exact size and rate. In place only what it published when it arrived;
// another size needs a new arrival under the same identity, which is the caller's to do.
#pragma once

#include <span>

#include <pf/host/mode.hpp>

#include "topology/procedure.hpp"

namespace pf::host {

// What the path runs at; refresh 0: the system does not say.
Mode committed_mode(const DisplayPath& path);
bool runs_at(const DisplayPath& path, const Mode& wanted);
// The same paths with `target` at `mode`, source size and timing both (1610 otherwise), and its
// neighbours to the right moved along.
DisplayPaths with_mode(const DisplayPaths& seen, const DisplayEnd& target, const Mode& mode);

class ModeSwitch final : public Procedure {
public:
    enum class Outcome {
        exact,        // seen so
        unpublished,  // the size can come only with a new arrival
        differs,      // the system keeps it at committed()
        not_active,
        unknown,  // the queries fail
    };

    // `published`: the modes that the monitor had when it arrived.
    ModeSwitch(const DisplayEnd& target, const Mode& wanted, std::span<const Mode> published);

    Action next(const DisplayPaths* seen, std::int64_t now_ns) override;
    Outcome outcome() const { return outcome_; }
    const Mode& committed() const { return committed_; }

private:
    Action end(Outcome outcome);
    Action settle(const DisplayPaths& seen, std::int64_t now_ns);

    DisplayEnd target_;
    Mode wanted_;
    bool published_;
    int attempts_ = 0;
    int blind_looks_ = 0;
    std::int64_t settled_ns_ = 0;  // the deadline of this attempt
    Mode committed_;
    Outcome outcome_ = Outcome::unknown;
};

}  // namespace pf::host
