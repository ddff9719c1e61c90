// The monitors of this host process: one slot for each client id 1..15 and any number of anonymous
// ones. Slots are locked one by one, so a slow or dead client never holds up another. Thread-safe;
// leases keep the manager alive. Where a `stop` is taken it may be null; it ends the wait for
// another session that is at the same monitor, and for the driver's answer.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <pf/os/event.hpp>
#include <pf/os/thread.hpp>

#include "device/control_device.hpp"
#include "monitor/monitor.hpp"
#include "monitor/monitor_lease.hpp"
#include "monitor/monitor_maker.hpp"
#include "monitor/monitor_policy.hpp"

namespace pf::host {

struct MonitorManagerOptions {
    std::int64_t linger_ns = 10 * os::kSecond;  // 0: a monitor departs with its last lease
    WedgePatience wedge = {};
};

struct MonitorSlot {
    std::mutex mutex;
    std::uint32_t key = 0;  // client id, or above 15 for an anonymous one
    // All below: mutex.
    SlotState state = SlotState::idle;
    bool pinned = false;
    std::uint32_t references = 0;
    std::uint64_t generation = 0;  // leases of an earlier one are stale
    std::int64_t linger_until_ns = 0;
    SlotContent content;
};

struct MonitorStatus {
    std::uint32_t client_id = 0;  // 0: anonymous
    std::uint32_t monitor_id = 0;
    std::uint32_t references = 0;
    SlotState state = SlotState::idle;
    bool pinned = false;
    Mode mode;
};

class MonitorManager : public std::enable_shared_from_this<MonitorManager> {
public:
    // Starts the thread that ends lingering monitors.
    static os::Result<std::shared_ptr<MonitorManager>> create(std::shared_ptr<ControlDevice> device,
                                                              MonitorManagerOptions options);
    // Takes down every monitor that is left, as far as the driver answers within two seconds.
    ~MonitorManager();

    // Error reopen: there is no driver now; ControlDevice::reopen() first. `previous` may be null;
    // an anonymous request continues in its slot, so that a monitor keeps its id over a rebuild.
    os::Result<MonitorLease> acquire(const MonitorRequest& request, const MonitorLease* previous,
                                     const StopSignal* stop);

    // The monitor behind a lease; nullopt when the lease is stale, or when stopped.
    std::optional<Monitor> monitor(const MonitorLease& lease,
                                   const StopSignal* stop = nullptr) const;

    // The driver lost the monitor (or it hangs): the next acquire adds it again, unless that
    // happened since this `incarnation` of it.
    void invalidate(const MonitorLease& lease, std::uint64_t incarnation,
                    const StopSignal* stop = nullptr);

    // Somebody beside us made it show this size (pixels): that is its mode from now on.
    void adopt_size(const MonitorLease& lease, std::uint32_t width, std::uint32_t height,
                    const StopSignal* stop = nullptr);

    // In place where the driver can, else Remove and Add. On failure the old mode is back; an
    // error with reaction reopen means that not even that is sure: monitor() has no connection
    // then, and the next acquire adds it again.
    os::Result<void> resize(const MonitorLease& lease, const Mode& mode, const StopSignal* stop);

    // A pinned monitor stays without leases, and over a driver's death. False: no such monitor.
    bool pin(std::uint32_t client_id, bool pinned);

    // Ends what lingered long enough; brings kept monitors back on a driver that came back; sends
    // again what Removes got lost. Called by the manager's own thread.
    void tick(std::int64_t now_ns);

    std::vector<MonitorStatus> status() const;

private:
    friend class MonitorLease;
    MonitorManager(std::shared_ptr<ControlDevice> device, MonitorManagerOptions options,
                   os::Flag ending, os::Event wake);

    struct LateRelease {
        std::shared_ptr<MonitorSlot> slot;
        std::uint64_t generation = 0;
    };
    void release(const std::shared_ptr<MonitorSlot>& slot, std::uint64_t generation);
    bool release_later(const std::shared_ptr<MonitorSlot>& slot, std::uint64_t generation);
    void release_locked(MonitorSlot& slot, std::uint64_t generation);
    void release_late_ones();
    std::shared_ptr<MonitorSlot> slot_for(const MonitorRequest& request,
                                          const MonitorLease* previous);
    std::vector<std::shared_ptr<MonitorSlot>> slots() const;
    void forget_if_idle(const std::shared_ptr<MonitorSlot>& slot);

    // With the slot's mutex held.
    os::Result<void> apply(MonitorSlot& slot, AcquireAction action, const MonitorRequest& request,
                           const StopSignal* stop);
    void settle(MonitorSlot& slot, ReleaseAction action);
    void depart(MonitorSlot& slot);
    bool alive(const MonitorSlot& slot) const;
    void timer_loop();
    std::int64_t next_tick_ns() const;

    const std::shared_ptr<ControlDevice> device_;
    const MonitorManagerOptions options_;
    mutable std::mutex map_mutex_;  // never held during a control call
    std::map<std::uint32_t, std::shared_ptr<MonitorSlot>> slots_;  // map_mutex_
    std::uint32_t next_anonymous_ = 16;                            // map_mutex_
    std::vector<LateRelease> late_releases_;                       // map_mutex_
    const os::Event wake_timer_;
    MonitorMaker maker_;
    StopSignal ending_;
    os::GuardedThread timer_;
};

}  // namespace pf::host
