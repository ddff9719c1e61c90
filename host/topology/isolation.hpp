// Switches off every screen but the ones to keep, and proves it by a look. Whoever runs it has
// written the journal before the first action.
#pragma once

#include <vector>

#include "topology/procedure.hpp"

namespace pf::host {

class Isolation final : public Procedure {
public:
    enum class Outcome {
        isolated,
        not_active,  // a screen to keep is not lit: nothing is switched off for it
        refused,     // the system keeps other screens lit
        unknown,     // the queries fail
    };

    explicit Isolation(std::vector<DisplayEnd> keep) : keep_(std::move(keep)) {}

    Action next(const DisplayPaths* seen, std::int64_t now_ns) override;
    Outcome outcome() const { return outcome_; }

private:
    Action end(Outcome outcome);
    bool keeps_are_lit(const DisplayPaths& seen) const;

    std::vector<DisplayEnd> keep_;
    int attempts_ = 0;
    int blind_looks_ = 0;
    std::int64_t attempt_ns_ = 0;  // the last one's
    Outcome outcome_ = Outcome::unknown;
};

}  // namespace pf::host
