#include "device/control_device.hpp"

#include <chrono>
#include <system_error>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>

#include "want_of_memory.hpp"

namespace pf::host {

ControlDevice::ControlDevice(DeviceSystem system, ControlDeviceOptions options)
    : system_(std::move(system)), options_(std::move(options)) {}

os::Result<std::unique_ptr<ControlDevice>> ControlDevice::open(DeviceSystem system,
                                                               ControlDeviceOptions options,
                                                               const StopSignal* stop) {
    std::unique_ptr<ControlDevice> device(new ControlDevice(std::move(system), std::move(options)));
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
    try {
        pinger_ = std::thread([this] { ping_loop(); });
    } catch (const std::system_error& e) {
        return os::fail("start the pinger", e.code().value(), os::Reaction::retry,
                        "no thread could be started");
    }
    return {};
}

ControlDevice::~ControlDevice() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_all();
    if (pinger_.joinable()) {
        pinger_.join();
    }
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
        last_use.swap(current_);
        wake_.notify_all();  // the pinger is a user, too
    }
}

os::Result<std::shared_ptr<DriverConnection>> ControlDevice::reopen(bool any_instance,
                                                                    const StopSignal* stop) {
    const std::lock_guard attempt(reopen_mutex_);
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
    auto found = discover(
        system_,
        {.instance = wanted, .handshake_timeout_ns = options_.handshake_timeout_ns, .stop = stop});
    if (!found) {
        return found;
    }
    {
        const std::lock_guard lock(mutex_);
        current_ = *found;
        last_instance_ = current_->instance();
    }
    wake_.notify_all();
    return found;
}

void ControlDevice::probe() {
    {
        const std::lock_guard lock(mutex_);
        probe_now_ = true;
    }
    wake_.notify_all();
}

void ControlDevice::ping_loop() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        std::shared_ptr<DriverConnection> connection = current_;
        const std::int64_t wait_ns = connection == nullptr
                                         ? os::kSecond
                                         : ping_interval_ns(connection->watchdog_timeout_s());
        probe_now_ = false;
        wake_.wait_for(lock, std::chrono::nanoseconds(wait_ns),
                       [&] { return ending_ || probe_now_ || current_ != connection; });
        if (ending_ || current_ != connection || connection == nullptr) {
            continue;
        }
        lock.unlock();  // a driver that hangs keeps nobody but this thread waiting
        if (connection->usable()) {
            despite_want_of_memory([&] { (void)connection->ping(); });
        }
        connection.reset();
        lock.lock();
    }
}

}  // namespace pf::host
