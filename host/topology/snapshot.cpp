#include "topology/snapshot.hpp"

#include <algorithm>

namespace pf::host {

namespace {

template <class Counts>
std::vector<Screen> screens_where(const DisplayPaths& seen, Counts counts) {
    std::vector<Screen> screens;
    for (const DisplayPath& path : seen) {
        if (is_physical(path) && counts(path) && !contains(screens, screen_of(path))) {
            screens.push_back(screen_of(path));
        }
    }
    return screens;
}

}  // namespace

bool same_screen(const Screen& a, const Screen& b) {
    const bool named = !a.monitor.empty() && !b.monitor.empty();
    return named ? a.monitor == b.monitor : a.target == b.target;
}

Screen screen_of(const DisplayPath& path) {
    return {path.target, path.monitor};
}

bool is_physical(const DisplayPath& path) {
    return path.technology != os::kTechnologyIndirectWired &&
           path.technology != os::kTechnologyIndirectVirtual;
}

const DisplayPath* find_active(const DisplayPaths& seen, const DisplayEnd& target) {
    const auto found = std::ranges::find_if(
        seen, [&](const DisplayPath& path) { return path.active && path.target == target; });
    return found != seen.end() ? &*found : nullptr;
}

DisplayPaths active_paths(const DisplayPaths& seen) {
    DisplayPaths active;
    std::ranges::copy_if(seen, std::back_inserter(active), &DisplayPath::active);
    return active;
}

std::vector<Screen> lit_screens(const DisplayPaths& seen) {
    return screens_where(seen, [](const DisplayPath& path) { return path.active; });
}

std::vector<Screen> connected_screens(const DisplayPaths& all) {
    return screens_where(all,
                         [](const DisplayPath& path) { return path.active || path.available; });
}

bool contains(const std::vector<Screen>& screens, const Screen& screen) {
    return std::ranges::any_of(screens,
                               [&](const Screen& each) { return same_screen(each, screen); });
}

std::vector<Screen> dark_screens(const std::vector<Screen>& wanted, const DisplayPaths& all) {
    const std::vector<Screen> lit = lit_screens(all);
    std::vector<Screen> dark;
    for (const Screen& screen : connected_screens(all)) {
        if (contains(wanted, screen) && !contains(lit, screen)) {
            dark.push_back(screen);
        }
    }
    return dark;
}

bool all_lit(const std::vector<Screen>& wanted, const DisplayPaths& all) {
    return dark_screens(wanted, all).empty() &&
           lit_screens(all).size() >= std::min(wanted.size(), connected_screens(all).size());
}

}  // namespace pf::host
