// Ends every wait of one session at once: its own close(), or the caller's cancel event. Owned by
// the session; passed by reference down to whatever may wait. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

#include <pf/os/clock.hpp>
#include <pf/os/event.hpp>
#include <pf/os/wait.hpp>

namespace pf::host {

class StopSignal {
public:
    // `cancel` may be null and must outlive this.
    StopSignal(os::Event wake, const os::Event* cancel) : wake_(std::move(wake)), cancel_(cancel) {}
    StopSignal(const StopSignal&) = delete;

    void stop() {
        stopped_.store(true);
        wake_.signal();
    }

    bool stopped() const {
        if (!stopped_.load() && cancel_ != nullptr &&
            os::wait({.cancel = cancel_}, 0) == os::Woke::cancelled) {
            stopped_.store(true);
        }
        return stopped_.load();
    }

    // True when stopped. May return early without.
    bool wait_until(std::int64_t deadline_ns) const {
        if (!stopped()) {
            os::wait({.event = &wake_, .cancel = cancel_}, deadline_ns);
        }
        return stopped();
    }

    const os::Event* cancel() const { return cancel_; }

private:
    os::Event wake_;
    const os::Event* cancel_;
    mutable std::atomic<bool> stopped_{false};
};

}  // namespace pf::host
