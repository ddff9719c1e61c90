// Monitors that are nobody's any more and may still be in a driver: their Removes, sent until one
// is answered. Thread-safe; its mutex is taken last and not held during a control call.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "device/control_device.hpp"

namespace pf::host {

class Removals {
public:
    explicit Removals(std::shared_ptr<ControlDevice> device) : device_(std::move(device)) {}

    // `session_id` is never added again; `added_through` is the connection that it was added
    // through.
    void add(std::uint64_t session_id, std::shared_ptr<DriverConnection> added_through);
    bool any() const;

    // On whatever connection there is: a retired one may have led to the same driver, and a driver
    // that does not know the id has nothing to do. Ends at the first that gets no answer, after
    // half a second in all, or when `stop`, which may be null, says so.
    void send(const StopSignal* stop = nullptr);

    // For the end: over the connections that they were added through, since a driver that is
    // stopped serves what is queued there when it goes on, also when we are gone. Where a
    // connection was lost, the driver is opened once more. Within two and a half seconds.
    void send_at_last();

private:
    using Due = std::map<std::uint64_t, std::shared_ptr<DriverConnection>>;  // by session id

    void send_until(std::int64_t deadline_ns, const StopSignal* stop);
    void queue_until(std::int64_t deadline_ns);
    Due due() const;
    void done(std::uint64_t session_id);

    const std::shared_ptr<ControlDevice> device_;
    mutable std::mutex mutex_;
    Due due_;  // mutex_
};

}  // namespace pf::host
