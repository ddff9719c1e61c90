// What to do about a driver that does not come back by itself: wait for it, and restart its device
// where that does not help. Pure: whoever looks says what was seen, and acts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <pf/host/discovery.hpp>
#include <pf/os/clock.hpp>

namespace pf::host {

// What there is of the driver, where nothing can be used.
enum class DriverSight {
    not_ready,  // its device is there, and nobody serves it
    absent,     // nothing is there, or only what is left of a device
    wedged,     // a device keeps whoever asks it waiting
};
DriverSight sight_of(const std::vector<InstanceReport>& reports);

// The instance whose device a restart may help: the one that hangs, else `last`, which was in use
// before, else the first that is there. Empty: none.
std::string instance_to_restart(const std::vector<InstanceReport>& reports,
                                const std::string& last);

// Times of windows.md, sections 1 and 3: what a device's host process takes to start.
struct RecoveryTimes {
    std::int64_t not_ready_ns = 15 * os::kSecond;  // given to one that is there
    std::int64_t absent_ns = 3 * os::kSecond;      // for the list of devices to settle
    std::int64_t restarted_ns = 15 * os::kSecond;  // given to one that was restarted
    std::int64_t budget_ns = 30 * os::kSecond;     // no restart after that
    std::int64_t look_ns = os::kSecond / 2;        // between two looks
};

class RecoveryLadder {
public:
    // From the loss on.
    RecoveryLadder(const RecoveryTimes& times, std::int64_t began_ns)
        : times_(times), began_ns_(began_ns) {}

    enum class Step { wait, restart, nothing_more };
    struct Decision {
        Step step = Step::wait;
        std::int64_t next_look_ns = 0;  // of wait
    };
    // A restart counts as done from here on.
    Decision decide(DriverSight sight, std::int64_t now_ns);

private:
    std::int64_t due_ns(DriverSight sight) const;

    const RecoveryTimes times_;
    const std::int64_t began_ns_;
    std::optional<DriverSight> sight_;
    std::int64_t sight_since_ns_ = 0;
    std::optional<std::int64_t> restarted_ns_;
};

}  // namespace pf::host
