#include "device/control_device.hpp"

#include <algorithm>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>

#include "want_of_memory.hpp"

namespace pf::host {
namespace {

// After a ping that found the driver gone, which may pass.
constexpr std::int64_t kPingAgainNs = 250 * os::kMillisecond;
constexpr std::int64_t kWatchAfterNs = 2 * os::kSecond;

}  // namespace

ControlDevice::ControlDevice(DeviceSystem system, ControlDeviceOptions options, os::Flag ending,
                             os::Event wake)
    : system_(std::move(system)),
      options_(std::move(options)),
      ending_(std::move(ending), nullptr),
      wake_(std::move(wake)) {}

os::Result<std::unique_ptr<ControlDevice>> ControlDevice::open(DeviceSystem system,
                                                               ControlDeviceOptions options,
                                                               const StopSignal* stop) {
    auto ending = os::Flag::create();
    auto wake = os::Event::create();
    if (!ending || !wake) {
        return tl::unexpected(!ending ? ending.error() : wake.error());
    }
    std::unique_ptr<ControlDevice> device(new ControlDevice(std::move(system), std::move(options),
                                                            std::move(*ending), std::move(*wake)));
    if (auto started = device->start(stop); !started) {
        return tl::unexpected(started.error());
    }
    return device;
}

os::Result<void> ControlDevice::start(const StopSignal* stop) {
    auto found = discover(system_, {.instance = options_.instance,
                                    .handshake_timeout_ns = options_.handshake_timeout_ns,
                                    .stop = stop});
    if (!found) {
        return tl::unexpected(found.error());
    }
    current_ = std::move(*found);
    last_instance_ = current_->instance();
    if (options_.clear_first) {
        const auto cleared =
            options_.clear_first(last_instance_, [this] { return current_->clear_all(); });
        if (!cleared) {
            return cleared;
        }
    }
    auto pinger = os::GuardedThread::start(
        "pf pinger", [this] { ping_loop(); }, [](const os::Error&) {});
    if (!pinger) {
        return tl::unexpected(pinger.error());
    }
    pinger_ = std::move(*pinger);
    return {};
}

// A ping that is under way ends at once.
ControlDevice::~ControlDevice() {
    ending_.stop();
    pinger_.join();
}

std::shared_ptr<DriverConnection> ControlDevice::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

void ControlDevice::retire(const std::shared_ptr<DriverConnection>& connection) {
    std::shared_ptr<DriverConnection> last_use;  // closes outside the lock
    const std::lock_guard lock(mutex_);
    if (connection != nullptr && current_ == connection) {
        current_->mark_gone();
        std::erase_if(retired_, [](const auto& earlier) { return earlier.expired(); });
        retired_.push_back(current_);
        last_use.swap(current_);
        wake_.signal();  // the pinger is a user, too
    }
}

os::Result<std::shared_ptr<DriverConnection>> ControlDevice::reopen(bool any_instance,
                                                                    const StopSignal* stop,
                                                                    std::int64_t most_ns) {
    const auto attempt = lock_patiently(reopen_mutex_, stop);
    if (!attempt.owns_lock()) {
        return closed("find a driver");
    }
    std::string wanted = options_.instance;
    if (auto now = current(); now != nullptr && now->usable()) {
        return now;
    } else {
        retire(now);
    }
    if (wanted.empty() && !any_instance) {
        const std::lock_guard lock(mutex_);
        wanted = last_instance_;
    }
    std::vector<InstanceReport> seen;
    auto found =
        discover(system_, {.instance = wanted,
                           .handshake_timeout_ns = std::min(options_.handshake_timeout_ns, most_ns),
                           .open_timeout_ns = std::min(kOpenTimeoutNs, most_ns),
                           .stop = stop,
                           .found = &seen});
    if (!found) {
        watch_devices(system_.clock->now_ns());
        if (const std::string done = recover(seen, wanted); !done.empty()) {
            found.error().detail += "; " + done;
        }
        return found;
    }
    ladder_.reset();
    lost_since_ns_.reset();
    {
        const std::lock_guard lock(mutex_);
        current_ = *found;
        last_instance_ = current_->instance();
    }
    wake_.signal();
    return found;
}

std::string ControlDevice::recover(const std::vector<InstanceReport>& seen,
                                   const std::string& wanted) {
    if (!options_.restart_device || !system_.restart) {
        return {};
    }
    const std::int64_t now_ns = system_.clock->now_ns();
    if (!ladder_) {
        ladder_.emplace(options_.recovery, now_ns);
    }
    const std::string instance = instance_to_restart(seen, wanted);
    if (ladder_->decide(sight_of(seen), now_ns).step != RecoveryLadder::Step::restart ||
        instance.empty()) {
        return {};
    }
    hang_up_retired();  // an open device does not let itself be restarted
    const auto done = system_.restart(instance);
    return done ? *done : "restart of '" + instance + "' failed: " + done.error().message();
}

void ControlDevice::hang_up_retired() {
    std::vector<std::weak_ptr<DriverConnection>> retired;
    {
        const std::lock_guard lock(mutex_);
        retired.swap(retired_);
    }
    for (const auto& weak : retired) {
        if (const auto connection = weak.lock()) {
            connection->hang_up();
        }
    }
}

// A driver that a supervisor restarts is back before that, and looks come often at first.
void ControlDevice::watch_devices(std::int64_t now_ns) {
    lost_since_ns_ = lost_since_ns_.value_or(now_ns);
    if (!system_.watch || news() != nullptr || now_ns - *lost_since_ns_ < kWatchAfterNs) {
        return;
    }
    if (auto watch = system_.watch()) {
        const std::lock_guard lock(mutex_);
        watch_ = std::move(*watch);
    }
}

const os::Event* ControlDevice::news() const {
    const std::lock_guard lock(mutex_);
    return watch_ != nullptr ? &watch_->changed() : nullptr;
}

void ControlDevice::probe() {
    wake_.signal();
}

void ControlDevice::ping_loop() {
    bool in_doubt = false;
    while (!ending_.stopped()) {
        const auto connection = current();
        const std::int64_t wait_ns = in_doubt ? kPingAgainNs
                                     : connection == nullptr
                                         ? os::kSecond
                                         : ping_interval_ns(connection->watchdog_timeout_s());
        in_doubt = false;
        if (ending_.wait_until(os::deadline_after(wait_ns), &wake_) || connection != current()) {
            continue;
        }
        // A driver that hangs keeps nobody but this thread waiting.
        if (connection != nullptr && connection->usable()) {
            despite_want_of_memory([&] {
                const auto answered = connection->ping(&ending_);
                in_doubt = !answered && answered.error().reaction == os::Reaction::reopen;
            });
        }
    }
}

}  // namespace pf::host
