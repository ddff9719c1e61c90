#include "topology/arrangement.hpp"

#include <algorithm>

namespace pf::host {

namespace {

bool holds_target(const DisplayPaths& paths, const DisplayEnd& target) {
    return std::ranges::find(paths, target, &DisplayPath::target) != paths.end();
}

bool uses_source(const DisplayPaths& paths, const DisplayEnd& source) {
    return std::ranges::find(paths, source, &DisplayPath::source) != paths.end();
}

void add_target(DisplayPaths& paths, const DisplayPaths& all, const DisplayEnd& target) {
    const auto free = std::ranges::find_if(all, [&](const DisplayPath& path) {
        return path.target == target && (path.available || path.active) &&
               !uses_source(paths, path.source);
    });
    if (free == all.end() || holds_target(paths, target)) {
        return;
    }
    DisplayPath added = *free;
    added.active = true;
    added.source_mode.reset();
    added.timing.reset();
    paths.push_back(std::move(added));
}

bool is_kept(const DisplayPath& path, std::span<const DisplayEnd> keep) {
    return std::ranges::find(keep, path.target) != keep.end();
}

std::int32_t left_of(const DisplayPath& path) {
    return path.source_mode ? path.source_mode->x : 0;
}

// Its numbers may be another monitor's by now.
bool is_connected(const DisplayPath& saved, const DisplayPaths& all) {
    return std::ranges::any_of(all, [&](const DisplayPath& path) {
        return path.target == saved.target && (path.available || path.active) &&
               same_screen(screen_of(path), screen_of(saved));
    });
}

// Two targets may show one source (clones), which lies in one place.
void lay_side_by_side(DisplayPaths& paths) {
    std::int32_t edge = 0;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto before = paths.begin() + static_cast<std::ptrdiff_t>(i);
        const auto clone = std::find_if(paths.begin(), before, [&](const DisplayPath& path) {
            return path.source == before->source;
        });
        if (clone != before) {
            before->source_mode = clone->source_mode;
        } else if (before->source_mode) {
            before->source_mode->x = edge;
            before->source_mode->y = 0;
            edge += static_cast<std::int32_t>(before->source_mode->width);
        }
    }
}

}  // namespace

DisplayPaths with_targets(const DisplayPaths& all, std::span<const DisplayEnd> targets) {
    DisplayPaths paths = active_paths(all);
    for (const DisplayEnd& target : targets) {
        add_target(paths, all, target);
    }
    return paths;
}

DisplayPaths only_targets(const DisplayPaths& seen, std::span<const DisplayEnd> keep) {
    DisplayPaths paths = active_paths(seen);
    std::erase_if(paths, [&](const DisplayPath& path) { return !is_kept(path, keep); });
    std::ranges::stable_sort(paths, {}, left_of);
    lay_side_by_side(paths);
    return paths;
}

bool is_only_targets(const DisplayPaths& seen, std::span<const DisplayEnd> keep) {
    const DisplayPaths lit = active_paths(seen);
    return std::ranges::all_of(lit, [&](const DisplayPath& path) { return is_kept(path, keep); }) &&
           std::ranges::all_of(
               keep, [&](const DisplayEnd& target) { return find_active(lit, target) != nullptr; });
}

DisplayPaths restored(const DisplayPaths& saved, const DisplayPaths& all) {
    DisplayPaths paths;
    std::ranges::copy_if(saved, std::back_inserter(paths),
                         [&](const DisplayPath& path) { return is_connected(path, all); });
    for (const DisplayPath& path : all) {
        if (path.active) {
            add_target(paths, all, path.target);
        }
    }
    return paths;
}

}  // namespace pf::host
