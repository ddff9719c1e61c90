#include "topology/restoration.hpp"

#include "topology/arrangement.hpp"

namespace pf::host {

namespace {

// Each way is tried three times.
constexpr int kMostAttempts = 9;

}  // namespace

Action Restoration::end(Outcome outcome) {
    outcome_ = outcome;
    return Action::done();
}

std::vector<Screen> Restoration::goal(const DisplayPaths& all) const {
    return wanted_ && saved_ ? *wanted_ : connected_screens(all);
}

// What has to do when nothing gives more: a laptop's own screen stays dark while its lid is closed.
bool Restoration::is_enough(const DisplayPaths& all) const {
    return wanted_ ? all_lit(*wanted_, all)
                   : !lit_screens(all).empty() || connected_screens(all).empty();
}

Action Restoration::next(const DisplayPaths* seen, std::int64_t now_ns) {
    if (seen == nullptr) {
        return ++blind_looks_ < kMostBlindLooks ? Action::wait_until(now_ns + kAttemptPauseNs)
                                                : end(Outcome::unknown);
    }
    blind_looks_ = 0;
    const bool has_to_arrange = saved_ && put_back_ == PutBack::always && attempts_ == 0;
    if (all_lit(goal(*seen), *seen) && !has_to_arrange) {
        return confirm(now_ns);
    }
    lit_since_ns_.reset();
    if (attempts_ > 0 && now_ns < attempt_ns_ + kAttemptPauseNs) {
        return Action::wait_until(attempt_ns_ + kAttemptPauseNs);
    }
    return try_next(*seen, now_ns);
}

Action Restoration::confirm(std::int64_t now_ns) {
    if (!lit_since_ns_) {
        lit_since_ns_ = now_ns;
    }
    return now_ns >= *lit_since_ns_ + kAttemptPauseNs
               ? end(Outcome::lit)
               : Action::wait_until(*lit_since_ns_ + kAttemptPauseNs);
}

Action Restoration::try_next(const DisplayPaths& all, std::int64_t now_ns) {
    if (attempts_ == kMostAttempts) {
        return end(is_enough(all) ? Outcome::lit : Outcome::dark);
    }
    const Action action = act(all);
    ++attempts_;
    attempt_ns_ = now_ns;
    return action;
}

Restoration::Step Restoration::step() const {
    constexpr Step kWithArrangement[] = {Step::arrangement, Step::extend, Step::by_name};
    constexpr Step kWithout[] = {Step::extend, Step::extend, Step::by_name};
    return (saved_ ? kWithArrangement : kWithout)[attempts_ % 3];
}

Action Restoration::act(const DisplayPaths& all) const {
    if (step() == Step::arrangement) {
        return Action::apply(restored(*saved_, all));
    }
    if (step() == Step::extend) {
        return Action::extend();
    }
    std::vector<DisplayEnd> targets;
    for (const Screen& screen : dark_screens(goal(all), all)) {
        targets.push_back(screen.target);
    }
    return targets.empty() ? Action::extend() : Action::apply(with_targets(all, targets));
}

}  // namespace pf::host
