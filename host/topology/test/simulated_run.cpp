#include "topology/test/simulated_run.hpp"

#include "topology/capture_gate.hpp"
#include "topology/test/simulated_screens.hpp"

namespace pf::host::test {

namespace {

constexpr Mode kModes[] = {{1920, 1080, 60}, {2560, 1440, 120}, {1280, 800, 60}};

class Run {
public:
    Run(std::uint64_t seed, RunFacts& facts) : world_(seed), facts_(facts) {}

    std::string live() {
        const int starts = 1 + world_.below(3);
        for (int i = 0; i < starts; ++i) {
            program();
            facts_.crashes += world_.crashed();
            facts_.crashes_in_the_dark += world_.crashed() && !world_.owner_is_served();
            if (world_.crashed() && world_.chance(3)) {
                world_.damage_journal();
            }
            world_.restart(world_.crashed() && world_.chance(50));
        }
        last_start();
        return world_.breach();
    }

private:
    void program() {
        if (world_.chance(30)) {
            world_.crash_within(world_.chance(50) ? 20 : 200);
        }
        TopologyKeeper keeper(world_, world_, nullptr, world_);
        if (world_.chance(80)) {
            (void)keeper.recover();
        }
        const int steps = 1 + world_.below(8);
        for (int i = 0; i < steps && !world_.crashed(); ++i) {
            step(keeper);
        }
        restore(keeper);
        ours_.clear();
    }

    void step(TopologyKeeper& keeper) {
        switch (world_.below(8)) {
            case 0:
            case 1: join(keeper); break;
            case 2:
            case 3: isolate(keeper); break;
            case 4: set_mode(keeper); break;
            case 5: restore(keeper); break;
            case 6: leave(); break;
            default: world_.owner_switches_something_off(); break;
        }
    }

    os::DisplayEnd arrive() {
        ours_.push_back(world_.plug_virtual(kModes[world_.below(3)]));
        return ours_.back();
    }

    void join(TopologyKeeper& keeper) {
        const os::DisplayEnd target = arrive();
        if (keeper.activate(target)) {
            ++facts_.activated;
            watch_gate(target);
        }
    }

    void leave() {
        if (!ours_.empty()) {
            world_.unplug_virtual(ours_.back());
            ours_.pop_back();
        }
    }

    // At the worst of moments more often than at others.
    void maybe_crash_soon() {
        if (world_.chance(15)) {
            world_.crash_within(12);
        }
    }

    void isolate(TopologyKeeper& keeper) {
        if (ours_.empty()) {
            join(keeper);
        }
        maybe_crash_soon();
        if (!keeper.isolate(ours_)) {
            return;
        }
        facts_.isolated += !world_.owner_is_served();
        if (world_.seen_as_is() && !world_.is_lit_alone(ours_)) {
            world_.set_breach("isolated, it says, and is not");
        }
    }

    void set_mode(TopologyKeeper& keeper) {
        if (ours_.empty()) {
            return;
        }
        const Mode wanted = kModes[world_.below(3)];
        const SimulatedMonitor* monitor = world_.find(ours_.back());
        const auto result = keeper.set_mode(ours_.back(), wanted, monitor->published, memory_);
        facts_.exact_modes += result && result->kind == ModeResult::Kind::exact;
        if (result && result->kind == ModeResult::Kind::needs_arrival) {
            leave();
            (void)keeper.activate(arrive());
        }
    }

    void restore(TopologyKeeper& keeper) {
        maybe_crash_soon();
        const bool was_damaged = world_.damaged();
        const bool was_dark = !world_.owner_is_served();
        if (!keeper.restore() || was_damaged || world_.crashed()) {
            return;
        }
        facts_.restored += was_dark;
        if (!world_.owner_is_served()) {
            world_.set_breach("restored, it says, and is dark");
        }
    }

    std::optional<FrameOrigin> some_frame(const os::DisplayEnd& target) {
        const Mode& other = kModes[world_.below(3)];
        const SimulatedMonitor* monitor = world_.find(target);
        switch (world_.below(4)) {
            case 0: return std::nullopt;
            case 1: return FrameOrigin{{target.adapter, target.id + 1}, other.width, other.height};
            case 2: return FrameOrigin{target, other.width, other.height};
            default: return FrameOrigin{target, monitor->mode.width, monitor->mode.height};
        }
    }

    void watch_gate(const os::DisplayEnd& target) {
        CaptureGate gate(target);
        for (int i = 0; i < 4; ++i) {
            const auto seen = world_.query(os::DisplayScope::active);
            const auto frame = some_frame(target);
            const auto verdict = gate.look(seen ? &*seen : nullptr, frame, world_.now_ns());
            const SimulatedMonitor* monitor = world_.find(target);
            const bool right = monitor->lit && frame && frame->target == target &&
                               frame->width == monitor->mode.width &&
                               frame->height == monitor->mode.height;
            facts_.gates_opened += verdict == CaptureGate::Verdict::open;
            if (verdict == CaptureGate::Verdict::open && !(seen && right)) {
                world_.set_breach("the gate opened for another picture");
            }
            (void)world_.wait({}, world_.now_ns() + 20 * os::kMillisecond);
        }
    }

    // Nothing crashes, and the lies end: now all is lit, and no journal is left.
    void last_start() {
        facts_.dark_before_last_start += !world_.owner_is_served();
        world_.become_fair(world_.below(3));
        TopologyKeeper keeper(world_, world_, nullptr, world_);
        const auto recovered = keeper.recover();
        if (!recovered || !world_.owner_is_served()) {
            world_.set_breach("dark after the last start");
        } else if (world_.has_journal()) {
            world_.set_breach("all is lit, and the journal is still there");
        }
    }

    SimulatedScreens world_;
    RunFacts& facts_;
    std::vector<os::DisplayEnd> ours_;
    ModeMemory memory_;
};

}  // namespace

std::string breach_in_run(std::uint64_t seed, RunFacts& facts) {
    return Run(seed, facts).live();
}

}  // namespace pf::host::test
