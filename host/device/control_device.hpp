// The driver, as long as there is one: holds the current connection, keeps it awake with pings,
// and replaces it when it died. Retiring never pulls a connection away from under its users: they
// hold a reference, their calls fail, and it closes when the last of them lets go. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <pf/os/event.hpp>
#include <pf/os/thread.hpp>

#include "device/discovery.hpp"
#include "device/recovery_ladder.hpp"

namespace pf::host {

// How often the driver hears from us: a third of its watchdog, whose 0 counts as one second.
constexpr std::int64_t ping_interval_ns(std::uint32_t watchdog_timeout_s) {
    return watchdog_timeout_s == 0 ? os::kSecond : watchdog_timeout_s * os::kSecond / 3;
}

struct ControlDeviceOptions {
    std::string instance;  // empty: any
    std::int64_t handshake_timeout_ns = kHandshakeTimeoutNs;
    // Decides whether `clear`, a ClearAll, runs after the first handshake with an instance, and
    // returns its outcome. Empty: it does not. reopen() never clears.
    std::function<os::Result<void>(const std::string& instance,
                                   const std::function<os::Result<void>()>& clear)>
        clear_first;
    // Whether reopen() may restart the driver's device where it does not come back by itself: other
    // hosts that use it lose it, too.
    bool restart_device = false;
    RecoveryTimes recovery = {};
};

class ControlDevice {
public:
    static os::Result<std::unique_ptr<ControlDevice>> open(DeviceSystem system,
                                                           ControlDeviceOptions options,
                                                           const StopSignal* stop = nullptr);
    ~ControlDevice();
    ControlDevice(const ControlDevice&) = delete;

    // Null while retired. May be dead already; usable() tells.
    std::shared_ptr<DriverConnection> current() const;

    // Takes `connection` out of use if it is still the current one.
    void retire(const std::shared_ptr<DriverConnection>& connection);

    // The current connection if it is usable (somebody else was faster), else one attempt of
    // discovery and handshake. `any_instance`: also others than the one that was open before.
    // `most_ns` of waiting for each instance to open and to answer, at most their timeouts. A
    // device that was restarted is told in the error.
    os::Result<std::shared_ptr<DriverConnection>> reopen(bool any_instance,
                                                         const StopSignal* stop = nullptr,
                                                         std::int64_t most_ns = os::kNever);

    // Asks the pinger for a ping now; DriverConnection::last_answer_ns() tells what came of it.
    void probe();

    // Signalled when a device comes or goes, where the system tells so and a driver has been lost
    // for a while; else null. Lives as long as this. One of those who wait for it is told.
    const os::Event* news() const;

private:
    ControlDevice(DeviceSystem system, ControlDeviceOptions options, os::Flag ending,
                  os::Event wake);
    os::Result<void> start(const StopSignal* stop);
    void ping_loop();
    // Restarts a device where it is time for that, with reopen_mutex_; returns what was done.
    std::string recover(const std::vector<InstanceReport>& seen, const std::string& wanted);
    void hang_up_retired();
    void watch_devices(std::int64_t now_ns);  // with reopen_mutex_

    const DeviceSystem system_;
    const ControlDeviceOptions options_;
    std::mutex reopen_mutex_;  // one attempt at a time; taken before mutex_
    mutable std::mutex mutex_;
    std::shared_ptr<DriverConnection> current_;  // mutex_
    std::string last_instance_;                  // mutex_
    std::vector<std::weak_ptr<DriverConnection>>
        retired_;                                // mutex_; others may refer to them still
    std::optional<RecoveryLadder> ladder_;       // reopen_mutex_; from a loss on
    std::optional<std::int64_t> lost_since_ns_;  // reopen_mutex_
    std::unique_ptr<os::DeviceWatch> watch_;     // mutex_; made once
    StopSignal ending_;
    const os::Event wake_;  // the pinger: another connection, or a ping that is wanted now
    os::GuardedThread pinger_;
};

}  // namespace pf::host
