// Makes, changes and removes one monitor at a time at the driver, under session ids of its own.
// What it makes belongs to whoever asked; the caller holds that monitor's lock. Thread-safe
// otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "device/control_device.hpp"
#include "monitor/monitor.hpp"
#include "monitor/removals.hpp"

namespace pf::host {

// The wedge: a driver that has just lost monitors may have no slot for a moment.
struct WedgePatience {
    std::uint32_t attempts = 5;
    std::int64_t pause_ns = 300 * os::kMillisecond;
};

// A monitor and what it was asked for.
struct SlotContent {
    MonitorRequest request;
    Monitor monitor;
};

class MonitorMaker {
public:
    // `left_over` is signalled when removals() has a new one, and outlives this.
    MonitorMaker(std::shared_ptr<ControlDevice> device, const WedgePatience& wedge,
                 const os::Event& left_over);

    // Replaces what the slot has.
    os::Result<void> add(SlotContent& slot, const MonitorRequest& request, const StopSignal* stop);
    // As MonitorManager::resize().
    os::Result<void> change_mode(SlotContent& slot, const Mode& mode, const StopSignal* stop);
    // It is nobody's any more and goes out of the driver with the next send of removals().
    void let_go(Monitor& monitor);
    Removals& removals() { return removals_; }
    const Removals& removals() const { return removals_; }

private:
    os::Result<void> re_arrive(SlotContent& slot, const Mode& mode, const StopSignal* stop);
    os::Result<void> lost(SlotContent& slot, os::Error error);
    // Unless it is gone with its driver.
    void remove_later(std::uint64_t session_id,
                      const std::shared_ptr<DriverConnection>& connection);

    const std::shared_ptr<ControlDevice> device_;
    const WedgePatience wedge_;
    const os::Event& left_over_;
    std::atomic<std::uint64_t> next_session_id_;
    std::atomic<std::uint64_t> next_incarnation_{1};
    Removals removals_;
};

}  // namespace pf::host
