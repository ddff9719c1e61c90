// When the frames of a fixed rate are due: an absolute schedule, so that no rounding adds up.
// Plain arithmetic, no clock of its own.
#pragma once

#include <cstdint>

namespace pf::hostproc {

class PaceSchedule {
public:
    // Frame 0 is due at `start_ns`; `refresh_hz` is 1..1000.
    PaceSchedule(std::int64_t start_ns, std::uint32_t refresh_hz)
        : start_ns_(start_ns), refresh_hz_(refresh_hz) {}

    // start + n / hz seconds, rounded up: frame_at(due_ns(n)) is n.
    std::int64_t due_ns(std::uint64_t n) const {
        const std::uint64_t seconds = n / refresh_hz_;
        const std::uint64_t rest = n % refresh_hz_;
        return start_ns_ +
               static_cast<std::int64_t>(seconds * kSecond +
                                         (rest * kSecond + refresh_hz_ - 1) / refresh_hz_);
    }

    // The newest frame that is due at `now_ns`; 0 before the start.
    std::uint64_t frame_at(std::int64_t now_ns) const {
        if (now_ns <= start_ns_) {
            return 0;
        }
        const auto elapsed = static_cast<std::uint64_t>(now_ns - start_ns_);
        return elapsed / kSecond * refresh_hz_ + elapsed % kSecond * refresh_hz_ / kSecond;
    }

private:
    static constexpr std::uint64_t kSecond = 1'000'000'000;  // ns

    std::int64_t start_ns_;
    std::uint64_t refresh_hz_;
};

}  // namespace pf::hostproc
