// Lights a monitor that the driver has just made. Most systems do so themselves within a second;
// else they are asked to extend the desktop, and last to light this very target.
#pragma once

#include "topology/procedure.hpp"

namespace pf::host {

class Activation final : public Procedure {
public:
    enum class Outcome {
        active,    // lit, and the system has a name for it
        absent,    // the system knows no such target: the monitor never surfaced
        inactive,  // it is connected, and nothing lights it
        unknown,   // the queries fail
    };

    // `may_extend`: not while other screens are dark on purpose, which that would light.
    Activation(const DisplayEnd& target, bool may_extend)
        : target_(target), may_extend_(may_extend) {}

    os::DisplayScope scope() const override;
    Action next(const DisplayPaths* seen, std::int64_t now_ns) override;
    Outcome outcome() const { return outcome_; }

private:
    enum class Stage { arriving, extended, asked_for };
    Action escalate(const DisplayPaths& all);
    Action light(const DisplayPaths& all);

    DisplayEnd target_;
    bool may_extend_;
    Stage stage_ = Stage::arriving;
    int looks_ = 0;  // in this stage
    Outcome outcome_ = Outcome::unknown;
};

}  // namespace pf::host
