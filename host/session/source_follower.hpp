// What to do about a monitor that shows another size than its ring has, or nothing at all, because
// somebody beside this host and its driver set it so (a desktop's settings, xrandr). Pure; one
// session's, told of every look at the driver's words.
#pragma once

#include <optional>

#include <pf/proto/validate.hpp>

#include "session/rebuild_policy.hpp"

namespace pf::host {

enum class SourceStep {
    stay,
    follow,  // a ring of the size that it shows
    end,     // it has been off for too long
};

// What forgives all earlier changes of its size.
inline constexpr std::int64_t kSteadyNs = 60 * os::kSecond;

class SourceFollower {
public:
    // `off_timeout_ns`: how long a monitor that is switched off is waited for.
    SourceFollower(const RebuildPolicy& policy, std::int64_t off_timeout_ns)
        : policy_(policy), off_timeout_ns_(off_timeout_ns) {}

    // `width`, `height`: the ring's, pixels. A size is followed at once, one that flaps ever less
    // often, down to once in the policy's longest back-off.
    SourceStep observe(const proto::SourceSize& source, std::uint32_t width, std::uint32_t height,
                       std::int64_t now_ns) {
        if (source.switched_off) {
            off_since_ns_ = off_since_ns_.value_or(now_ns);
            return now_ns - *off_since_ns_ >= off_timeout_ns_ ? SourceStep::end : SourceStep::stay;
        }
        if (source.width == 0) {
            return SourceStep::stay;  // not told at the moment: a monitor that was off is no other
        }
        off_since_ns_.reset();
        if ((source.width == width && source.height == height) || now_ns < not_before_ns_) {
            return SourceStep::stay;
        }
        in_a_row_ = now_ns - not_before_ns_ >= kSteadyNs ? 1 : in_a_row_ + 1;
        not_before_ns_ = now_ns + backoff_ns(policy_, in_a_row_);
        return SourceStep::follow;
    }

private:
    RebuildPolicy policy_;
    std::int64_t off_timeout_ns_;
    std::optional<std::int64_t> off_since_ns_;
    std::uint32_t in_a_row_ = 0;
    std::int64_t not_before_ns_ = 0;  // the next follow
};

}  // namespace pf::host
