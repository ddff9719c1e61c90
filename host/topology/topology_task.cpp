#include "topology/topology_task.hpp"

#include <algorithm>

#include <pf/host/errors.hpp>
#include <pf/os/wait.hpp>

#include "topology/activation.hpp"
#include "topology/capture_gate.hpp"
#include "topology/isolation.hpp"
#include "topology/mode_switch.hpp"

namespace pf::host {

namespace {

constexpr const char* kActivate = "light the monitor";
constexpr const char* kSetMode = "set the monitor's mode";
constexpr const char* kIsolate = "switch off the other screens";
constexpr const char* kWatch = "wait for the monitor's picture";
constexpr std::int64_t kGatePauseNs = 25 * os::kMillisecond;
constexpr const char* kRestore = "light the screens again";

}  // namespace

tl::unexpected<os::Error> TopologyKeeper::Task::blame(const char* operation,
                                                      std::string detail) const {
    if (!last_error_) {
        return os::fail(operation, kDisplayOff, os::Reaction::retry, std::move(detail));
    }
    return os::fail(operation, last_error_->code, last_error_->reaction,
                    detail + "; the system's last word: " + last_error_->message());
}

os::Result<void> TopologyKeeper::Task::run(Procedure& procedure, const os::Flag* cancel) {
    last_error_.reset();
    for (;;) {
        const os::DisplayScope scope = procedure.scope();
        const auto seen = displays_.query(scope);
        if (!seen) {
            last_error_ = seen.error();
        } else if (scope == os::DisplayScope::all) {
            if (auto covered = cover_newcomers(*seen); !covered) {
                return covered;
            }
        }
        const Action action = procedure.next(seen ? &*seen : nullptr, clock_.now_ns());
        if (action.kind == Action::Kind::done) {
            return {};
        }
        if (auto done = act(action, seen, cancel); !done) {
            return done;
        }
    }
}

os::Result<void> TopologyKeeper::Task::act(const Action& action,
                                           const os::Result<DisplayPaths>& seen,
                                           const os::Flag* cancel) {
    return action.changes() ? change(action, *seen) : pause(action.until_ns, cancel);
}

os::Result<void> TopologyKeeper::Task::pause(std::int64_t until_ns, const os::Flag* cancel) const {
    os::WaitItem item(cancel);
    if (clock_.wait({&item, 1}, until_ns)) {
        return os::fail("wait for the screens", kClosed, os::Reaction::retry, "closed meanwhile");
    }
    return {};
}

// A monitor that is plugged in between a look and the change that follows goes dark by it, and
// nobody has seen it lit.
os::Result<void> TopologyKeeper::Task::cover_newcomers(const DisplayPaths& all) {
    if (!journal_.held()) {
        return {};
    }
    const std::vector<Screen> connected = connected_screens(all);
    if (!known_) {
        known_ = connected;
    }
    std::erase_if(*known_, [&](const Screen& screen) { return !contains(connected, screen); });
    std::vector<Screen> newcomers = connected;
    std::erase_if(newcomers, [&](const Screen& screen) { return contains(*known_, screen); });
    return journal_.cover(newcomers);
}

os::Result<void> TopologyKeeper::Task::change(const Action& action, const DisplayPaths& seen) {
    if (!journal_.held()) {
        saved_ = active_paths(seen);
        known_ = connected_screens(seen);
    }
    if (auto covered = journal_.cover(lit_screens(seen)); !covered) {
        return covered;
    }
    const auto answer =
        action.kind == Action::Kind::extend ? displays_.extend() : displays_.apply(action.paths);
    if (!answer) {
        last_error_ = answer.error();
    }
    return {};
}

os::Result<void> TopologyKeeper::Task::light_again(Restoration::PutBack put_back) {
    Restoration restoration(journal_.wanted(), saved_, put_back);
    if (auto ran = run(restoration, nullptr); !ran) {
        return ran;
    }
    switch (restoration.outcome()) {
        case Restoration::Outcome::lit: break;
        case Restoration::Outcome::dark:
            return blame(kRestore,
                         "a screen that was lit before stays dark; it is tried again at the next "
                         "start. The system's display switch (Windows+P, Extend) lights it, too");
        case Restoration::Outcome::unknown:
            return blame(kRestore,
                         "the system does not say what is lit; it is tried again at the "
                         "next start");
    }
    saved_.reset();
    known_.reset();
    return journal_.drop();
}

os::Result<void> TopologyKeeper::Task::conclude(const os::Result<void>& ran) {
    if (isolated_ || !journal_.held()) {
        return ran;
    }
    const auto lit = light_again(Restoration::PutBack::if_dark);
    return ran ? lit : ran;
}

os::Result<bool> TopologyKeeper::Task::recover() {
    if (recovered_) {
        return false;
    }
    recovered_ = true;
    if (journal_.load() == JournalKeeper::Found::nothing) {
        return false;
    }
    return light_again(Restoration::PutBack::if_dark).map([] { return true; });
}

os::Result<void> TopologyKeeper::Task::activate(const DisplayEnd& target) {
    Activation activation(target, !isolated_);
    const auto ran = run(activation, cancel_);
    const auto error = last_error_;
    if (auto concluded = conclude(ran); !concluded) {
        return concluded;
    }
    last_error_ = error;
    switch (activation.outcome()) {
        case Activation::Outcome::active: return {};
        case Activation::Outcome::absent:
            return blame(kActivate, "the system does not know this monitor: it never arrived");
        case Activation::Outcome::inactive:
            return blame(kActivate, "the monitor is connected, and the system does not light it");
        case Activation::Outcome::unknown: break;
    }
    return blame(kActivate, "the system does not say which screens are lit");
}

os::Result<ModeResult> TopologyKeeper::Task::set_mode(const DisplayEnd& target, const Mode& wanted,
                                                      std::span<const Mode> published,
                                                      ModeMemory& memory) {
    ModeSwitch change(target, wanted, published);
    if (auto concluded = conclude(run(change, cancel_)); !concluded) {
        return tl::unexpected(concluded.error());
    }
    switch (change.outcome()) {
        case ModeSwitch::Outcome::exact:
            memory.arrived_for.reset();
            return ModeResult{ModeResult::Kind::exact, change.committed()};
        case ModeSwitch::Outcome::unpublished:
            if (memory.arrived_for != wanted) {
                memory.arrived_for = wanted;
                return ModeResult{ModeResult::Kind::needs_arrival, change.committed()};
            }
            [[fallthrough]];
        case ModeSwitch::Outcome::differs:
            return ModeResult{ModeResult::Kind::differs, change.committed()};
        case ModeSwitch::Outcome::not_active: return blame(kSetMode, "the monitor is not lit");
        case ModeSwitch::Outcome::unknown: break;
    }
    return blame(kSetMode, "the system does not say which screens are lit");
}

os::Result<void> TopologyKeeper::Task::isolate(std::span<const DisplayEnd> keep) {
    Isolation isolation({keep.begin(), keep.end()});
    const auto ran = run(isolation, cancel_);
    const auto error = last_error_;
    isolated_ = isolated_ || (ran && isolation.outcome() == Isolation::Outcome::isolated);
    if (auto concluded = conclude(ran); !concluded) {
        return concluded;
    }
    last_error_ = error;
    switch (isolation.outcome()) {
        case Isolation::Outcome::isolated: return {};
        case Isolation::Outcome::not_active:
            return blame(kIsolate,
                         "the monitor to keep is not lit; nothing is switched off for it");
        case Isolation::Outcome::refused:
            return blame(kIsolate, "the system keeps other screens lit");
        case Isolation::Outcome::unknown: break;
    }
    return blame(kIsolate, "the system does not say which screens are lit");
}

os::Result<void> TopologyKeeper::Task::await_picture(
    const DisplayEnd& target, const std::function<std::optional<FrameOrigin>()>& newest) {
    CaptureGate gate(target);
    for (;;) {
        const auto seen = displays_.query(os::DisplayScope::active);
        last_error_ = seen ? std::nullopt : std::optional(seen.error());
        switch (gate.look(seen ? &*seen : nullptr, newest(), clock_.now_ns())) {
            case CaptureGate::Verdict::open: return {};
            case CaptureGate::Verdict::wait: break;
            case CaptureGate::Verdict::wake: (void)displays_.wake(); break;
            case CaptureGate::Verdict::not_active:
                return blame(kWatch, "it is not lit, so what its ring holds is not shown");
            case CaptureGate::Verdict::no_picture:
                return blame(kWatch,
                             "it is lit, and no frame of it comes; are the screens locked, "
                             "or asleep?");
        }
        if (auto paused = pause(clock_.now_ns() + kGatePauseNs, cancel_); !paused) {
            return paused;
        }
    }
}

os::Result<void> TopologyKeeper::Task::restore() {
    isolated_ = false;
    return journal_.held() ? light_again(Restoration::PutBack::always) : os::Result<void>();
}

}  // namespace pf::host
