// Ends every wait of one session at once: its own close(), or the caller's cancel flag. Owned by
// the session; passed by reference down to whatever may wait. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

#include <pf/os/clock.hpp>
#include <pf/os/flag.hpp>
#include <pf/os/wait.hpp>

namespace pf::host {

class StopSignal {
public:
    // `cancel` may be null and must outlive this.
    StopSignal(os::Flag stop, const os::Flag* cancel) : stop_(std::move(stop)), cancel_(cancel) {}
    StopSignal(const StopSignal&) = delete;

    void stop() {
        stopped_.store(true);
        stop_.set();
    }

    bool stopped() const {
        if (!stopped_.load() && cancel_ != nullptr && cancel_->is_set()) {
            stopped_.store(true);
        }
        return stopped_.load();
    }

    // True when stopped.
    bool wait_until(std::int64_t deadline_ns) const {
        return os::wait({stop_, cancel_}, deadline_ns) || stopped();
    }

    const os::Flag* cancel() const { return cancel_; }

private:
    os::Flag stop_;
    const os::Flag* cancel_;
    mutable std::atomic<bool> stopped_{false};
};

}  // namespace pf::host
