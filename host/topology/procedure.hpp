// A change of the screens as a state machine: shown what a query found and the time, it says what
// comes next. It calls nothing; topology_keeper.cpp acts, and looks again after every action, since
// the answers of the system's calls are not to be believed.
#pragma once

#include <cstdint>

#include <pf/os/clock.hpp>

#include "topology/snapshot.hpp"

namespace pf::host {

// From one try to the next.
inline constexpr std::int64_t kAttemptPauseNs = 250 * os::kMillisecond;
// So many looks in a row that fail, and nothing can be said about the screens.
inline constexpr int kMostBlindLooks = 12;

struct Action {
    enum class Kind {
        wait,    // until until_ns, then look
        apply,   // `paths`
        extend,  // all that is connected
        done,
    };
    Kind kind = Kind::done;
    std::int64_t until_ns = 0;
    DisplayPaths paths = {};

    static Action wait_until(std::int64_t until_ns) { return {Kind::wait, until_ns}; }
    static Action apply(DisplayPaths paths) { return {Kind::apply, 0, std::move(paths)}; }
    static Action extend() { return {Kind::extend}; }
    static Action done() { return {Kind::done}; }
    bool changes() const { return kind == Kind::apply || kind == Kind::extend; }
};

class Procedure {
public:
    virtual ~Procedure() = default;
    // What the next look has to show: all, unless it will change nothing.
    virtual os::DisplayScope scope() const { return os::DisplayScope::all; }
    // `seen` is null when the query failed, which says nothing; an empty one says that nothing is
    // lit. An action that changes something follows only from what was seen.
    virtual Action next(const DisplayPaths* seen, std::int64_t now_ns) = 0;
};

}  // namespace pf::host
