// Tells a driver that stands still from a desktop that does. Pure. A dead driver needs none of
// this: its process handle ends the wait.
#pragma once

#include <cstdint>

namespace pf::host {

struct LivenessFacts {
    std::int64_t now_ns = 0;
    std::int64_t unresponsive_after_ns = 0;
    bool has_heartbeat = false;          // the monitor's loop has shown one
    std::int64_t heartbeat_seen_ns = 0;  // when it was last seen to change
    std::int64_t last_answer_ns = 0;     // to any control operation
    std::int64_t failing_since_ns = 0;   // pings go unanswered; 0: they do not
};

enum class Liveness {
    alive,
    doubtful,      // ask it now
    loop_stuck,    // the driver answers, this monitor's loop does not turn
    unresponsive,  // stopped
};

// Half of the time without a heartbeat raises doubt and a ping; all of it without an answer to
// that ping is a stop. A driver that answers gets three times as long for its loop.
constexpr Liveness liveness(const LivenessFacts& f) {
    if (!f.has_heartbeat) {
        const bool failing =
            f.failing_since_ns != 0 && f.now_ns - f.failing_since_ns >= f.unresponsive_after_ns;
        return failing ? Liveness::unresponsive : Liveness::alive;
    }
    const std::int64_t still_ns = f.now_ns - f.heartbeat_seen_ns;
    if (still_ns < f.unresponsive_after_ns / 2) {
        return Liveness::alive;
    }
    const bool answered = f.last_answer_ns - f.heartbeat_seen_ns >= f.unresponsive_after_ns / 2;
    if (still_ns >= f.unresponsive_after_ns && !answered) {
        return Liveness::unresponsive;
    }
    if (still_ns / 3 >= f.unresponsive_after_ns) {  // so that it may be INT64_MAX
        const bool answers_still = f.now_ns - f.last_answer_ns < f.unresponsive_after_ns;
        return answers_still ? Liveness::loop_stuck : Liveness::unresponsive;
    }
    return Liveness::doubtful;
}

// Remembers when the heartbeat was last seen to change.
class HeartbeatWatch {
public:
    void restart(std::int64_t now_ns) {
        value_ = 0;
        seen_ns_ = now_ns;
    }
    void observe(std::uint64_t value, std::int64_t now_ns) {
        if (value != value_) {
            value_ = value;
            seen_ns_ = now_ns;
        }
    }
    bool beats() const { return value_ != 0; }
    std::int64_t seen_ns() const { return seen_ns_; }

private:
    std::uint64_t value_ = 0;
    std::int64_t seen_ns_ = 0;
};

}  // namespace pf::host
