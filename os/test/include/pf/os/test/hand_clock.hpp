// A clock that stands still until somebody waits: then it goes forward to the deadline at once.
#pragma once

#include <algorithm>
#include <atomic>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

namespace pf::os::test {

class HandClock final : public Clock {
public:
    std::int64_t now_ns() const override { return now_ns_; }
    void advance(std::int64_t ns) { now_ns_ += ns; }

    // Looks at the items once, for real.
    bool wait(std::span<WaitItem> items, std::int64_t deadline_ns) const override {
        if (os::wait(items, 0)) {
            return true;
        }
        std::int64_t now = now_ns_;
        while (now < deadline_ns && !now_ns_.compare_exchange_weak(now, deadline_ns)) {
        }
        return false;
    }

private:
    mutable std::atomic<std::int64_t> now_ns_{kSecond};
};

}  // namespace pf::os::test
