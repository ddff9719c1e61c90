#include "screens.hpp"

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>
#include <pf/os/state_dir.hpp>
#include <pf/os/whole_file.hpp>

namespace pf::cli {
namespace {

std::string journal_in(const std::string& directory) {
    return directory + "/screens";
}

}  // namespace

Screens::Screens(Parts parts, const os::Flag* cancel)
    : parts_(std::move(parts)), keeper_(*parts_.displays, *parts_.journal, cancel) {}

os::Result<Screens::Parts> Screens::take_hold(const std::string& directory) {
    const std::string journal = journal_in(directory);
    auto hold = os::hold_file(journal + ".lock");
    if (!hold) {
        return tl::unexpected(hold.error());
    }
    return Parts{std::move(*hold), os::open_display_system(), host::open_journal_file(journal)};
}

os::Result<std::unique_ptr<Screens>> Screens::open(const os::Flag* cancel) {
    const auto seen = os::open_display_system()->query(os::DisplayScope::active);
    if (!seen) {
        return tl::unexpected(seen.error());
    }
    const auto directory = os::make_state_directory();
    if (!directory) {
        return tl::unexpected(directory.error());
    }
    auto parts = take_hold(*directory);
    if (!parts) {
        return tl::unexpected(parts.error());
    }
    return std::unique_ptr<Screens>(new Screens(std::move(*parts), cancel));
}

os::Result<bool> Screens::recover() {
    const auto directory = os::state_directory();
    if (!directory || host::open_journal_file(journal_in(*directory))->read() == std::nullopt) {
        return false;
    }
    auto parts = take_hold(*directory);
    if (!parts) {
        return parts.error().reaction == os::Reaction::retry ? os::Result<bool>(false)
                                                             : tl::unexpected(parts.error());
    }
    return host::TopologyKeeper(*parts->displays, *parts->journal).recover();
}

void Screens::care_for(host::SessionOptions& options) {
    options.on_added = [this, mode = options.mode](const os::DisplayEnd& target) {
        return light(target, mode);
    };
}

os::Result<void> Screens::light(const os::DisplayEnd& target, const host::Mode& mode) {
    const std::lock_guard lock(mutex_);
    if (auto lit = keeper_.activate(target); !lit) {
        return lit;
    }
    // It arrived with this mode, so that it comes in place or not at all.
    const auto set = keeper_.set_mode(target, mode, {&mode, 1}, memory_);
    if (!set) {
        return tl::unexpected(set.error());
    }
    if (set->committed.width != mode.width || set->committed.height != mode.height) {
        return os::fail("set the monitor's mode", 0, os::Reaction::retry,
                        "the system keeps it at " + host::to_string(set->committed));
    }
    return keeper_.isolate({&target, 1});
}

os::Result<host::Frame> Screens::first_frame(host::Session& session) {
    const std::lock_guard lock(mutex_);
    const host::SessionStats stats = session.stats();
    const os::DisplayEnd target{stats.adapter, stats.target_id};
    host::Frame first;
    std::optional<host::FrameOrigin> origin;
    os::Result<void> ended;
    const auto newest = [&] {
        auto next = session.next(os::now_ns());
        if (!next) {
            ended = tl::unexpected(next.error());
        } else if (next->kind == host::NextKind::frame) {
            first = std::move(next->frame);
            origin = host::FrameOrigin{target, first.view().width, first.view().height};
        }
        return origin;
    };
    const auto shown = keeper_.await_picture(target, newest);
    if (!ended || !shown) {
        return tl::unexpected(!ended ? ended.error() : shown.error());
    }
    return first;
}

os::Result<void> Screens::give_back() {
    const std::lock_guard lock(mutex_);
    return keeper_.restore();
}

}  // namespace pf::cli
