// What happens to a client's monitor, as pure functions; monitor_manager applies them.
#pragma once

#include <cstdint>

namespace pf::host {

// active: somebody holds a lease. lingering: nobody does, it departs at a time. pinned: nobody
// does, and it stays.
enum class SlotState { idle, active, lingering, pinned };

// What an acquire finds.
struct SlotFacts {
    SlotState state = SlotState::idle;
    bool driver_alive = false;  // the process that holds the monitor lives, its connection works
    bool same_mode = false;     // as asked for
    bool same_picture = false;  // cursor and luminance as asked for: only a new monitor changes
};

enum class AcquireAction {
    create,   // there is none
    join,     // share it as it is
    replace,  // it died with its driver: add it again; older leases mean nothing any more
    resize,   // share it in the new mode
    renew,    // kept without a user, and of another kind: add it again
    refuse,   // in use, and of another kind
};

constexpr AcquireAction on_acquire(const SlotFacts& facts) {
    if (facts.state == SlotState::idle) {
        return AcquireAction::create;
    }
    if (!facts.driver_alive) {
        return AcquireAction::replace;
    }
    if (!facts.same_picture) {
        return facts.state == SlotState::active ? AcquireAction::refuse : AcquireAction::renew;
    }
    return facts.same_mode ? AcquireAction::join : AcquireAction::resize;
}

enum class ReleaseAction { keep_active, linger, pin, depart };

// A lease ended; `references` are left.
constexpr ReleaseAction on_release(std::uint32_t references, bool pinned, std::int64_t linger_ns) {
    if (references > 0) {
        return ReleaseAction::keep_active;
    }
    if (pinned) {
        return ReleaseAction::pin;
    }
    return linger_ns > 0 ? ReleaseAction::linger : ReleaseAction::depart;
}

constexpr bool linger_is_over(SlotState state, std::int64_t linger_until_ns, std::int64_t now_ns) {
    return state == SlotState::lingering && now_ns >= linger_until_ns;
}

// The pin was set or taken away on a monitor in `state`.
constexpr ReleaseAction on_pin(SlotState state, bool pinned, std::int64_t linger_ns) {
    return state == SlotState::active ? ReleaseAction::keep_active
                                      : on_release(0, pinned, linger_ns);
}

// A driver came back. Kept monitors return at once; active ones are their sessions' business.
constexpr bool readd_on_reconnect(SlotState state) {
    return state == SlotState::lingering || state == SlotState::pinned;
}

// How a mode changes. in_place leaves the monitor plugged in.
enum class ResizeWay { in_place, re_arrival };

constexpr ResizeWay resize_way(bool driver_has_update_modes) {
    return driver_has_update_modes ? ResizeWay::in_place : ResizeWay::re_arrival;
}

}  // namespace pf::host
