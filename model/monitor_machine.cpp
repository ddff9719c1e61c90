#include "monitor_machine.hpp"

#include <algorithm>

#include <pf/os/clock.hpp>

namespace pf::model {
namespace {

constexpr host::Mode kMode{640, 480, 60};

char letter(host::SlotState state) {
    switch (state) {
        case host::SlotState::idle: return 'i';
        case host::SlotState::active: return 'a';
        case host::SlotState::lingering: return 'l';
        case host::SlotState::pinned: break;
    }
    return 'p';
}

}  // namespace

MonitorMachine::MonitorMachine(std::int64_t linger_ns, Removes removes)
    : removes_(removes), driver_(ReplayDriver::start(removes)) {
    device_ = host::ControlDevice::open(system(), {}).value();
    manager_ = host::MonitorManager::create(
                   device_, {.linger_ns = linger_ns, .wedge = {1, os::kMillisecond}})
                   .value();
}

host::DeviceSystem MonitorMachine::system() {
    return {[]() -> os::Result<std::vector<os::Instance>> {
                os::Instance instance;
                instance.name = "main";
                instance.state = os::InstanceState::active;
                return std::vector<os::Instance>{instance};
            },
            [this](const std::string&,
                   const os::Patience&) -> os::Result<std::unique_ptr<os::DeviceChannel>> {
                const std::shared_ptr<ReplayDriver> driver = std::atomic_load(&driver_);
                if (driver == nullptr) {
                    return os::fail("open", 111, os::Reaction::reopen, "no driver");
                }
                return driver->connect();
            }};
}

std::string MonitorMachine::seen() const {
    std::string text = up() ? "u" : "d";
    text += std::to_string(up() ? driver_->monitors() : 0);
    text += device_works() ? 'c' : '-';
    const auto status = manager_->status();
    for (std::uint32_t client = 1; client <= kClients; ++client) {
        const auto found = std::find_if(status.begin(), status.end(),
                                        [&](const auto& s) { return s.client_id == client; });
        text += found == status.end()
                    ? ",i0-"
                    : std::string{','} + letter(found->state) + std::to_string(found->references) +
                          (found->pinned ? '!' : '-');
    }
    for (const host::MonitorLease& lease : leases_) {
        const auto monitor = manager_->monitor(lease);
        const bool lives = monitor && monitor->connection != nullptr &&
                           monitor->connection->usable() &&
                           monitor->connection == device_->current();
        text += !lease ? ",-" : !monitor ? ",s" : lives ? ",L" : ",f";
    }
    return text;
}

// A turn that finds a slot locked leaves it to the manager's thread; status() waits for that.
void MonitorMachine::settle() {
    for (int turn = 0; turn < 3; ++turn) {
        manager_->tick(os::now_ns());
        (void)manager_->status();
    }
}

void MonitorMachine::kill() {
    std::atomic_exchange(&driver_, std::shared_ptr<ReplayDriver>{})->kill();
}

void MonitorMachine::start() {
    std::atomic_store(&driver_, ReplayDriver::start(removes_));
}

bool MonitorMachine::device_works() const {
    const auto connection = device_->current();
    return connection != nullptr && connection->usable();
}

bool MonitorMachine::acquire(std::size_t session) {
    auto lease = manager_->acquire({.mode = kMode, .client_id = client_of(session)},
                                   &leases_[session], nullptr);
    if (lease) {
        leases_[session] = std::move(*lease);
    }
    return lease.has_value();
}

bool MonitorMachine::doubt(std::size_t session) {
    const auto counts = manager_->monitor(leases_[session]);
    if (counts) {
        manager_->invalidate(leases_[session], counts->incarnation);
    }
    return counts.has_value();
}

bool MonitorMachine::attach(std::size_t session) {
    const auto monitor = manager_->monitor(leases_[session]);
    if (!monitor || monitor->connection == nullptr || !monitor->connection->ping()) {
        return false;
    }
    attached_[session] = monitor->connection;
    return true;
}

bool MonitorMachine::pinned() const {
    const auto status = manager_->status();
    return std::any_of(status.begin(), status.end(),
                       [](const auto& s) { return s.client_id == 1 && s.pinned; });
}

void MonitorMachine::expire() {
    const auto lingers = [this] {
        const auto status = manager_->status();
        return std::any_of(status.begin(), status.end(),
                           [](const auto& s) { return s.state == host::SlotState::lingering; });
    };
    const std::int64_t deadline_ns = os::deadline_after(10 * os::kSecond);
    do {  // a turn passes over a slot that the manager's thread is at
        manager_->tick(os::deadline_after(100'000 * os::kSecond));
    } while (lingers() && os::now_ns() < deadline_ns);
}

}  // namespace pf::model
