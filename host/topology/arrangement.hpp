// What to ask the system for: pure functions from what is to what should be.
#pragma once

#include <optional>
#include <span>

#include "topology/snapshot.hpp"

namespace pf::host {

// What is lit stays as it is, and of each of `targets` that is not lit a path from a source that
// nobody uses joins, its modes left to the system. Targets without such a path are left out.
DisplayPaths with_targets(const DisplayPaths& all, std::span<const DisplayEnd> targets);

// Only `keep`, side by side, the first of them (from the left) at 0, 0: a desktop without a screen
// there is refused (87).
DisplayPaths only_targets(const DisplayPaths& seen, std::span<const DisplayEnd> keep);
bool is_only_targets(const DisplayPaths& seen, std::span<const DisplayEnd> keep);

// `saved` without what is not connected any more (87), and with all that is lit beside it.
DisplayPaths restored(const DisplayPaths& saved, const DisplayPaths& all);

}  // namespace pf::host
