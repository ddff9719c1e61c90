#include "topology/test/simulated_screens.hpp"

#include <algorithm>
#include <map>

#include <pf/os/wait.hpp>

namespace pf::host::test {

namespace {

constexpr std::uint32_t kSources = 4;  // of an adapter
constexpr std::int64_t kListedAfterGoneNs = 100 * os::kMillisecond;
constexpr std::int64_t kBackAgainNs = 150 * os::kMillisecond;  // at the soonest
constexpr int kMostDelayMs = 200;
constexpr std::int64_t kParameter = 87, kDenied = 5, kBufferSize = 122, kConfiguration = 1610;
constexpr os::DisplayRational kSixty{60, 1};

tl::unexpected<os::Error> refuse(std::int64_t code) {
    return os::fail("simulated", code, os::Reaction::retry, "");
}

std::string monitor_name(int number) {
    return "M" + std::to_string(number);
}

}  // namespace

SimulatedScreens::SimulatedScreens(std::uint64_t seed) : random_(seed) {
    const int physical = below(4);
    for (int i = 0; i < physical; ++i) {
        SimulatedMonitor monitor;
        monitor.number = i;
        monitor.lit = monitor.owed = i == 0 || !chance(25);
        monitor.connected = monitor.lit || chance(70);
        monitor.target = {gpu_, static_cast<std::uint32_t>(100 + i)};
        monitor.mode = {1920, 1080, 60};
        monitors_.push_back(monitor);
    }
    give_sources();
    lie_percent_ = chance(30) ? 0 : below(70);
    blind_percent_ = chance(50) ? 0 : below(20);
}

int SimulatedScreens::below(int limit) {
    return static_cast<int>(random_() % static_cast<std::uint64_t>(limit));
}

void SimulatedScreens::set_breach(const std::string& what) {
    if (breach_.empty()) {
        breach_ = what;
    }
}

bool SimulatedScreens::enter() {
    if (!crashed_ && crash_in_ >= 0 && crash_in_-- == 0) {
        crashed_ = true;
    }
    if (crashed_) {
        return false;
    }
    finish_delayed(false);
    something_happens();
    return true;
}

bool SimulatedScreens::lies() {
    if (fair_) {
        return lies_left_ > 0 && lies_left_-- > 0;
    }
    return chance(lie_percent_);
}

// ---- What the program calls ----

os::Result<os::DisplayPaths> SimulatedScreens::query(os::DisplayScope scope) {
    now_ns_ += os::kMillisecond;
    if (!enter()) {
        return refuse(kDenied);
    }
    if (!fair_ && blind_percent_ > 0 && chance(blind_percent_)) {
        blind_for_ = chance(10) ? 20 : 1;
    }
    if (blind_for_ > 0 && blind_for_-- > 0) {
        return refuse(chance(50) ? kBufferSize : kDenied);
    }
    seen_as_is_ = true;
    os::DisplayPaths paths;
    for (SimulatedMonitor& monitor : monitors_) {
        monitor.seen_lit = monitor.seen_lit || (monitor.lit && scope == os::DisplayScope::all);
        add_paths(paths, monitor, scope);
    }
    return paths;
}

void SimulatedScreens::add_paths(os::DisplayPaths& paths, const SimulatedMonitor& monitor,
                                 os::DisplayScope scope) const {
    const bool listed = monitor.connected || now_ns_ - monitor.gone_ns < kListedAfterGoneNs;
    if (!listed || (scope == os::DisplayScope::active && !monitor.lit)) {
        return;
    }
    os::DisplayPath path;
    path.target = monitor.target;
    path.available = true;
    path.technology = monitor.physical ? 5 : os::kTechnologyIndirectVirtual;
    path.monitor = monitor_name(monitor.number);
    for (std::uint32_t source = 0; source < kSources; ++source) {
        path.source = {monitor.target.adapter, source};
        path.active = monitor.lit && monitor.source == source;
        if (path.active) {
            os::DisplayPath lit = path;
            lit.name = "D" + std::to_string(source);
            lit.source_mode = {monitor.mode.width, monitor.mode.height, 4, monitor.x, 0};
            lit.refresh = {monitor.mode.millihertz(), 1000};
            paths.push_back(std::move(lit));
        } else if (scope == os::DisplayScope::all) {
            paths.push_back(path);
        }
    }
}

os::Result<void> SimulatedScreens::apply(const os::DisplayPaths& paths) {
    if (!enter()) {
        return refuse(kDenied);
    }
    const auto answer = change(paths);
    (void)enter();
    return crashed_ ? refuse(kDenied) : answer;
}

os::Result<void> SimulatedScreens::extend() {
    if (!enter()) {
        return refuse(kDenied);
    }
    const auto answer = change(std::nullopt);
    (void)enter();
    return crashed_ ? refuse(kDenied) : answer;
}

os::Result<std::optional<std::string>> SimulatedScreens::read() {
    const bool fails = !fair_ && chance(3);
    if (!enter() || fails) {
        return refuse(kDenied);
    }
    return journal_;
}

os::Result<void> SimulatedScreens::write(std::string_view text) {
    if (!enter()) {
        return refuse(kDenied);
    }
    const bool fails = !fair_ && chance(3);
    if (!fails || chance(50)) {
        journal_ = text;
        damaged_ = false;
    }
    check();
    (void)enter();
    return fails || crashed_ ? refuse(kDenied) : os::Result<void>();
}

os::Result<void> SimulatedScreens::remove() {
    if (!enter()) {
        return refuse(kDenied);
    }
    const bool fails = !fair_ && chance(3);
    if (!fails || chance(50)) {
        journal_.reset();
        damaged_ = false;
    }
    check();
    (void)enter();
    return fails || crashed_ ? refuse(kDenied) : os::Result<void>();
}

bool SimulatedScreens::wait(std::span<os::WaitItem>, std::int64_t deadline_ns) const {
    now_ns_ = std::max(now_ns_, deadline_ns);
    return false;
}

// ---- What it does, and what it says it does ----

os::Result<void> SimulatedScreens::change(const std::optional<os::DisplayPaths>& paths) {
    for (SimulatedMonitor& monitor : monitors_) {
        monitor.unknown = monitor.unknown && !monitor.seen_lit;
    }
    finish_delayed(true);
    if (lies()) {
        return lie(paths);
    }
    const std::int64_t code = paths ? refusal(*paths) : 0;
    if (code == 0) {
        carry_out(paths);
    }
    return code == 0 ? os::Result<void>() : refuse(code);
}

os::Result<void> SimulatedScreens::lie(const std::optional<os::DisplayPaths>& paths) {
    const bool possible = !paths || refusal(*paths) == 0;
    switch (below(5)) {
        case 0: return {};  // nothing changed
        case 1: light_at_random(); return {};
        case 2: light_at_random(); return refuse(kConfiguration);
        case 3:
            if (possible) {
                carry_out(paths);
            }
            return refuse(chance(50) ? kParameter : kDenied);
        default:
            if (possible && paths) {
                delayed_ = {now_ns_ + below(kMostDelayMs) * os::kMillisecond, *paths};
            }
            return {};
    }
}

std::int64_t SimulatedScreens::refusal(const os::DisplayPath& path) const {
    const SimulatedMonitor* monitor = find(path.target);
    if (monitor == nullptr || !monitor->connected || path.source.id >= kSources ||
        path.source.adapter != path.target.adapter) {
        return kConfiguration;
    }
    const auto has_size = [&](const Mode& mode) {
        return path.source_mode && mode.width == path.source_mode->width &&
               mode.height == path.source_mode->height;
    };
    const bool fits =
        monitor->physical || !path.source_mode || std::ranges::any_of(monitor->published, has_size);
    return fits ? 0 : kConfiguration;
}

std::int64_t SimulatedScreens::refusal(const os::DisplayPaths& paths) const {
    bool at_origin = paths.empty();
    for (std::size_t i = 0; i < paths.size(); ++i) {
        if (const std::int64_t code = refusal(paths[i]); code != 0) {
            return code;
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (paths[j].source == paths[i].source || paths[j].target == paths[i].target) {
                return kParameter;
            }
        }
        at_origin = at_origin || !paths[i].source_mode || paths[i].source_mode->x == 0;
    }
    return at_origin ? 0 : kParameter;
}

void SimulatedScreens::carry_out(const std::optional<os::DisplayPaths>& paths) {
    seen_as_is_ = false;
    if (paths) {
        light(*paths);
    } else {
        light_all();
    }
    check();
}

void SimulatedScreens::light(const os::DisplayPaths& paths) {
    for (SimulatedMonitor& monitor : monitors_) {
        const auto path = std::ranges::find(paths, monitor.target, &os::DisplayPath::target);
        monitor.lit = monitor.connected && path != paths.end();
        if (monitor.lit) {
            monitor.source = path->source.id;
            if (path->source_mode) {
                monitor.mode =
                    Mode::exact(path->source_mode->width, path->source_mode->height,
                                path->refresh.denominator == 1 ? path->refresh.numerator * 1000
                                                               : path->refresh.numerator);
                monitor.x = path->source_mode->x;
            }
        }
    }
}

void SimulatedScreens::light_all() {
    for (SimulatedMonitor& monitor : monitors_) {
        monitor.lit = monitor.connected;
    }
    give_sources();
}

void SimulatedScreens::light_at_random() {
    for (SimulatedMonitor& monitor : monitors_) {
        monitor.lit = monitor.connected && chance(50);
    }
    give_sources();
    check();
}

void SimulatedScreens::give_sources() {
    std::map<std::uint64_t, std::uint32_t> next;
    std::int32_t x = 0;
    for (SimulatedMonitor& monitor : monitors_) {
        if (monitor.lit) {
            std::uint32_t& source = next[monitor.target.adapter];
            monitor.lit = source < kSources;
            monitor.source = source++;
            monitor.x = x;
            x += static_cast<std::int32_t>(monitor.mode.width);
        }
    }
}

void SimulatedScreens::finish_delayed(bool all) {
    if (delayed_ && (all || now_ns_ >= delayed_->at_ns)) {
        const bool possible = refusal(delayed_->paths) == 0;
        const os::DisplayPaths paths = std::move(delayed_->paths);
        delayed_.reset();
        if (possible) {
            carry_out(paths);
        }
    }
}

// ---- What happens to it ----

void SimulatedScreens::something_happens() {
    if (fair_ || monitors_.empty() || !chance(1)) {
        return;
    }
    SimulatedMonitor& monitor = monitors_[below(static_cast<int>(monitors_.size()))];
    if (monitor.physical && !monitor.connected && now_ns_ - monitor.gone_ns >= kBackAgainNs) {
        plug(monitor);
    } else if (monitor.connected) {
        unplug(monitor);
    }
    check();
}

void SimulatedScreens::plug(SimulatedMonitor& monitor) {
    seen_as_is_ = false;
    monitor.connected = true;
    monitor.unknown = true;
    monitor.seen_lit = false;
    monitor.lit = monitor.owed = true;
    if (chance(50)) {
        light_all();
    }
    give_sources();
}

void SimulatedScreens::unplug(SimulatedMonitor& monitor) {
    seen_as_is_ = false;
    monitor.connected = monitor.lit = monitor.owed = false;
    monitor.gone_ns = now_ns_;
    const bool all_dark = std::ranges::none_of(monitors_, &SimulatedMonitor::lit);
    if (all_dark && chance(50)) {
        light_all();
    }
    give_sources();
}

os::DisplayEnd SimulatedScreens::plug_virtual(const Mode& mode) {
    SimulatedMonitor monitor;
    monitor.number = 8 + below(2);
    monitor.physical = false;
    monitor.target = {virtual_adapter_, next_virtual_id_++};
    monitor.mode = {1920, 1080, 60};
    monitor.published = {mode, {1920, 1080, 60}};
    monitor.connected = !chance(5);
    monitors_.push_back(monitor);
    if (monitor.connected && chance(60)) {
        monitors_.back().lit = true;
        give_sources();
    }
    check();
    return monitor.target;
}

void SimulatedScreens::unplug_virtual(const os::DisplayEnd& target) {
    const auto gone = std::ranges::find(monitors_, target, &SimulatedMonitor::target);
    if (gone != monitors_.end() && gone->connected) {
        unplug(*gone);
        check();
    }
}

void SimulatedScreens::restart(bool of_the_machine) {
    crashed_ = false;
    crash_in_ = -1;
    finish_delayed(true);
    for (SimulatedMonitor& monitor : monitors_) {
        if (!monitor.physical && monitor.connected) {
            unplug(monitor);
        }
    }
    std::erase_if(monitors_, [](const SimulatedMonitor& monitor) { return !monitor.physical; });
    if (of_the_machine) {
        gpu_ += 0x10000;
        virtual_adapter_ += 0x10000;
        const int shift = below(2);
        for (SimulatedMonitor& monitor : monitors_) {
            monitor.target = {gpu_, monitor.target.id + static_cast<std::uint32_t>(shift)};
            monitor.gone_ns = kLongAgoNs;
        }
    }
    check();
}

void SimulatedScreens::damage_journal() {
    if (journal_) {
        journal_ = journal_->substr(0, journal_->size() / 2) + "\xff";
        damaged_ = true;
    }
}

void SimulatedScreens::owner_switches_something_off() {
    const auto lit = std::ranges::count(monitors_, true, &SimulatedMonitor::lit);
    for (SimulatedMonitor& monitor : monitors_) {
        if (monitor.physical && monitor.lit && lit > 1) {
            monitor.lit = monitor.owed = false;
            return;
        }
    }
}

void SimulatedScreens::become_fair(int lies_left) {
    fair_ = true;
    lies_left_ = lies_left;
    blind_for_ = 0;
}

// ---- What is true ----

const SimulatedMonitor* SimulatedScreens::find(const os::DisplayEnd& target) const {
    const auto found = std::ranges::find(monitors_, target, &SimulatedMonitor::target);
    return found != monitors_.end() ? &*found : nullptr;
}

bool SimulatedScreens::is_lit_alone(const std::vector<os::DisplayEnd>& targets) const {
    return std::ranges::all_of(monitors_, [&](const SimulatedMonitor& monitor) {
        const bool kept = std::ranges::find(targets, monitor.target) != targets.end();
        return monitor.lit == kept;
    });
}

bool SimulatedScreens::owner_is_served() const {
    return std::ranges::all_of(monitors_, [](const SimulatedMonitor& monitor) {
        return !monitor.owed || !monitor.connected || monitor.lit;
    });
}

void SimulatedScreens::check() {
    for (const SimulatedMonitor& monitor : monitors_) {
        const bool dark = monitor.owed && monitor.connected && !monitor.lit;
        const std::string line = " " + monitor_name(monitor.number) + "\n";
        const bool told = journal_ && (monitor.unknown || damaged_ || journal_->empty() ||
                                       journal_->find(line) != std::string::npos);
        if (dark && !told) {
            set_breach(monitor_name(monitor.number) + " is dark and stands in no journal");
        }
    }
}

}  // namespace pf::host::test
