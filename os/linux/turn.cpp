#include "turn.hpp"

#include <chrono>

#include <pf/os/clock.hpp>

namespace pf::os {

Turn::Hold Turn::take(std::int64_t deadline_ns) {
    std::unique_lock lock(mutex_);
    const auto is_free = [this] { return !taken_; };
    if (deadline_ns == kNever) {
        free_.wait(lock, is_free);
    } else {
        // steady_clock is CLOCK_MONOTONIC, as now_ns() is.
        const std::chrono::steady_clock::time_point until{std::chrono::nanoseconds(deadline_ns)};
        if (!free_.wait_until(lock, until, is_free)) {
            return Hold(nullptr);
        }
    }
    taken_ = true;
    return Hold(this);
}

Turn::Hold::~Hold() {
    if (turn_ != nullptr) {
        {
            const std::lock_guard lock(turn_->mutex_);
            turn_->taken_ = false;
        }
        turn_->free_.notify_one();
    }
}

}  // namespace pf::os
