// When the frames of a fixed rate are due: an absolute schedule, so that no rounding adds up.
// Plain arithmetic, no clock of its own.
#pragma once

#include <cstdint>

namespace pf::driver {

class PaceSchedule {
public:
    // Frame 0 is due at `start_ns`; `refresh_millihertz` is 1..1'000'000.
    PaceSchedule(std::int64_t start_ns, std::uint32_t refresh_millihertz)
        : start_ns_(start_ns), rate_(refresh_millihertz) {}

    // start + n / rate, rounded up: frame_at(due_ns(n)) is n.
    std::int64_t due_ns(std::uint64_t n) const {
        const std::uint64_t rounds = n / rate_;
        const std::uint64_t rest = n % rate_;
        return start_ns_ +
               static_cast<std::int64_t>(rounds * kRoundNs + (rest * kRoundNs + rate_ - 1) / rate_);
    }

    // The newest frame that is due at `now_ns`; 0 before the start.
    std::uint64_t frame_at(std::int64_t now_ns) const {
        if (now_ns <= start_ns_) {
            return 0;
        }
        const auto elapsed = static_cast<std::uint64_t>(now_ns - start_ns_);
        return elapsed / kRoundNs * rate_ + elapsed % kRoundNs * rate_ / kRoundNs;
    }

private:
    // A rate in millihertz counts the frames of 1000 seconds. The largest product is that of a
    // round and the largest rate, 10^18.
    static constexpr std::uint64_t kRoundNs = 1'000'000'000'000;

    std::int64_t start_ns_;
    std::uint64_t rate_;
};

}  // namespace pf::driver
