// The real monitors of a host in the model's hands: MonitorManager and ControlDevice over driver
// core's table, with a process of its own behind each driver's life. Each member is one call of
// the model; seen() is what the model shows of a state. One thread; the manager has its own.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "monitor/monitor_manager.hpp"
#include "replay_driver.hpp"

namespace pf::model {

inline constexpr std::size_t kClients = 2, kSessions = 3;

inline constexpr std::uint32_t client_of(std::size_t session) {
    return session < 2 ? 1 : 2;
}

class MonitorMachine {
public:
    explicit MonitorMachine(std::int64_t linger_ns, Removes removes = Removes::sound);
    MonitorMachine(const MonitorMachine&) = delete;

    std::string seen() const;
    // Lets the manager's thread do what it has to do now.
    void settle();

    bool up() const { return driver_ != nullptr; }
    ReplayDriver& driver() { return *driver_; }
    void kill();
    void start();

    bool device_works() const;
    bool reopen() { return device_->reopen(false).has_value(); }
    void retire() { device_->retire(device_->current()); }

    bool has_lease(std::size_t session) const { return static_cast<bool>(leases_[session]); }
    bool acquire(std::size_t session);
    void release(std::size_t session) { leases_[session].end(); }
    bool doubt(std::size_t session);   // false: the lease is stale
    bool attach(std::size_t session);  // false: there is nothing to attach to
    bool attached(std::size_t session) const { return attached_[session] != nullptr; }
    void detach(std::size_t session) { attached_[session].reset(); }

    bool pinned() const;
    bool pin(bool pinned) { return manager_->pin(1, pinned); }
    void expire();

private:
    host::DeviceSystem system();

    const Removes removes_;
    std::shared_ptr<ReplayDriver> driver_;  // null between two lives
    std::shared_ptr<host::ControlDevice> device_;
    std::shared_ptr<host::MonitorManager> manager_;
    std::array<host::MonitorLease, kSessions> leases_;
    std::array<std::shared_ptr<host::DriverConnection>, kSessions> attached_;
};

}  // namespace pf::model
