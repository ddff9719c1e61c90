// Lights the screens that were lit before this program changed anything: by the arrangement that it
// remembers, else by extending, else each dark one by name. After a crash there is no arrangement:
// its numbers are stale by then, and applying them is refused (1610). All that is connected is to
// be lit then, also what was plugged in as the program died.
#pragma once

#include <optional>
#include <vector>

#include "topology/procedure.hpp"

namespace pf::host {

class Restoration final : public Procedure {
public:
    enum class Outcome {
        lit,      // seen twice, so that nothing which was under way darkens them again
        dark,     // not all of them, whatever was tried
        unknown,  // the queries fail
    };

    // When the arrangement is put back: a change that darkened nothing is left as it is, unless it
    // was made to be taken back.
    enum class PutBack { if_dark, always };

    // `wanted`: what has to be lit in the end; none means that nobody knows (a journal that cannot
    // be read), and any will do. It outlives this, and may grow meanwhile. `saved`: none after a
    // crash.
    Restoration(const std::optional<std::vector<Screen>>& wanted, std::optional<DisplayPaths> saved,
                PutBack put_back = PutBack::if_dark)
        : wanted_(wanted), saved_(std::move(saved)), put_back_(put_back) {}

    Action next(const DisplayPaths* seen, std::int64_t now_ns) override;
    Outcome outcome() const { return outcome_; }

private:
    enum class Step { arrangement, extend, by_name };
    Action end(Outcome outcome);
    std::vector<Screen> goal(const DisplayPaths& all) const;
    bool is_enough(const DisplayPaths& all) const;
    Action confirm(std::int64_t now_ns);
    Action try_next(const DisplayPaths& all, std::int64_t now_ns);
    Action act(const DisplayPaths& all) const;
    Step step() const;

    const std::optional<std::vector<Screen>>& wanted_;
    std::optional<DisplayPaths> saved_;
    PutBack put_back_;
    int attempts_ = 0;
    int blind_looks_ = 0;
    std::int64_t attempt_ns_ = 0;
    std::optional<std::int64_t> lit_since_ns_;
    Outcome outcome_ = Outcome::unknown;
};

}  // namespace pf::host
