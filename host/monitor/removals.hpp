// Monitors that are nobody's any more and may still be in a driver: their Removes, sent until one
// is answered. Thread-safe; its mutex is taken last and not held during a control call.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>

#include "device/control_device.hpp"

namespace pf::host {

class Removals {
public:
    explicit Removals(std::shared_ptr<ControlDevice> device) : device_(std::move(device)) {}

    // `session_id` is never added again.
    void add(std::uint64_t session_id);
    bool any() const;

    // On whatever connection there is: a retired one may have led to the same driver, and a driver
    // that does not know the id has nothing to do. Ends at the first that gets no answer, after
    // half a second in all, or when `stop`, which may be null, says so.
    void send(const StopSignal* stop = nullptr);

    // Where only the connection was lost, the driver still has them: it is opened once more. Within
    // two seconds.
    void send_at_last();

private:
    void send_until(std::int64_t deadline_ns, const StopSignal* stop);

    const std::shared_ptr<ControlDevice> device_;
    mutable std::mutex mutex_;
    std::set<std::uint64_t> session_ids_;  // mutex_
};

}  // namespace pf::host
