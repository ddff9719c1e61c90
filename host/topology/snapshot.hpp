// Questions about what a query of the screens has shown.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <pf/os/display_topology.hpp>

namespace pf::host {

using os::DisplayEnd;
using os::DisplayPath;
using os::DisplayPaths;

// A screen that somebody looks at: what must not stay dark.
struct Screen {
    DisplayEnd target;
    std::string monitor;  // may be empty
    friend bool operator==(const Screen&, const Screen&) = default;
};

// By the monitor where both know theirs: a connector's numbers change when its adapter restarts,
// and another monitor may be plugged into it.
bool same_screen(const Screen& a, const Screen& b);
Screen screen_of(const DisplayPath& path);
bool is_physical(const DisplayPath& path);

// Null: not there, or not lit.
const DisplayPath* find_active(const DisplayPaths& seen, const DisplayEnd& target);
DisplayPaths active_paths(const DisplayPaths& seen);

// Physical ones, each once.
std::vector<Screen> lit_screens(const DisplayPaths& seen);
std::vector<Screen> connected_screens(const DisplayPaths& all);
bool contains(const std::vector<Screen>& screens, const Screen& screen);

// Of `wanted` those that are connected and not lit, by their present numbers.
std::vector<Screen> dark_screens(const std::vector<Screen>& wanted, const DisplayPaths& all);
// None is dark; and as many are lit as were, or all that are connected: some may have numbers and
// names that nobody knows any more.
bool all_lit(const std::vector<Screen>& wanted, const DisplayPaths& all);

}  // namespace pf::host
