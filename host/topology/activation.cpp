#include "topology/activation.hpp"

#include <algorithm>

#include "topology/arrangement.hpp"

namespace pf::host {

namespace {

// 3 s a stage: what systems were seen to need for a new monitor, and some more.
constexpr int kLooksAStage = 60;
constexpr std::int64_t kLookPauseNs = 50 * os::kMillisecond;

}  // namespace

os::DisplayScope Activation::scope() const {
    return looks_ + 1 < kLooksAStage ? os::DisplayScope::active : os::DisplayScope::all;
}

Action Activation::next(const DisplayPaths* seen, std::int64_t now_ns) {
    const DisplayPath* path = seen != nullptr ? find_active(*seen, target_) : nullptr;
    if (path != nullptr && !path->name.empty()) {
        outcome_ = Outcome::active;
        return Action::done();
    }
    ++looks_;
    if (looks_ < kLooksAStage) {
        return Action::wait_until(now_ns + kLookPauseNs);
    }
    if (seen == nullptr) {  // nothing to decide by; some more looks
        outcome_ = Outcome::unknown;
        return looks_ < kLooksAStage + kMostBlindLooks ? Action::wait_until(now_ns + kLookPauseNs)
                                                       : Action::done();
    }
    return escalate(*seen);
}

Action Activation::escalate(const DisplayPaths& all) {
    looks_ = 0;
    if (stage_ == Stage::arriving && may_extend_) {
        stage_ = Stage::extended;
        return Action::extend();
    }
    return light(all);
}

Action Activation::light(const DisplayPaths& all) {
    const bool known = std::ranges::any_of(all, [&](const DisplayPath& path) {
        return path.target == target_ && (path.available || path.active);
    });
    outcome_ = known ? Outcome::inactive : Outcome::absent;
    if (!known || stage_ == Stage::asked_for) {
        return Action::done();
    }
    stage_ = Stage::asked_for;
    return Action::apply(with_targets(all, {&target_, 1}));
}

}  // namespace pf::host
