#include <pf/os/clock.hpp>

#include <pf/os/wait.hpp>

namespace pf::os {

namespace {

std::int64_t saturating_sum(std::int64_t now_ns, std::int64_t timeout_ns) {
    return timeout_ns > kNever - now_ns ? kNever : now_ns + timeout_ns;
}

class SystemClock final : public Clock {
public:
    std::int64_t now_ns() const override { return os::now_ns(); }
    bool wait(std::span<WaitItem> items, std::int64_t deadline_ns) const override {
        return os::wait(items, deadline_ns);
    }
};

}  // namespace

std::int64_t deadline_after(std::int64_t timeout_ns) {
    return saturating_sum(now_ns(), timeout_ns);
}

std::int64_t Clock::deadline_after(std::int64_t timeout_ns) const {
    return saturating_sum(now_ns(), timeout_ns);
}

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

}  // namespace pf::os
