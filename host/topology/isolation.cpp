#include "topology/isolation.hpp"

#include <algorithm>

#include "topology/arrangement.hpp"

namespace pf::host {

namespace {

constexpr int kMostAttempts = 4;

}  // namespace

Action Isolation::end(Outcome outcome) {
    outcome_ = outcome;
    return Action::done();
}

bool Isolation::keeps_are_lit(const DisplayPaths& seen) const {
    return !keep_.empty() && std::ranges::all_of(keep_, [&](const DisplayEnd& target) {
        return find_active(seen, target) != nullptr;
    });
}

Action Isolation::next(const DisplayPaths* seen, std::int64_t now_ns) {
    if (seen == nullptr) {
        return ++blind_looks_ < kMostBlindLooks ? Action::wait_until(now_ns + kAttemptPauseNs)
                                                : end(Outcome::unknown);
    }
    blind_looks_ = 0;
    if (!keeps_are_lit(*seen)) {
        return end(Outcome::not_active);
    }
    if (is_only_targets(*seen, keep_)) {
        return end(Outcome::isolated);
    }
    if (attempts_ > 0 && now_ns < attempt_ns_ + kAttemptPauseNs) {
        return Action::wait_until(attempt_ns_ + kAttemptPauseNs);
    }
    if (attempts_ == kMostAttempts) {
        return end(Outcome::refused);
    }
    ++attempts_;
    attempt_ns_ = now_ns;
    return Action::apply(only_targets(*seen, keep_));
}

}  // namespace pf::host
