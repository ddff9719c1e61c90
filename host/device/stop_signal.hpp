// Ends every wait of one session at once: its own close(), or the caller's cancel flag. Owned by
// the session; passed by reference down to whatever may wait. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>
#include <pf/os/flag.hpp>
#include <pf/os/patience.hpp>
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

    // True when stopped. `other`, which may be null, ends the wait too.
    bool wait_until(std::int64_t deadline_ns, const os::Event* other = nullptr) const {
        (void)os::wait({stop_, cancel_, other}, deadline_ns);
        return stopped();
    }

    const os::Flag* cancel() const { return cancel_; }
    const os::Flag& flag() const { return stop_; }

private:
    os::Flag stop_;
    const os::Flag* cancel_;
    mutable std::atomic<bool> stopped_{false};
};

// Both pointers may be null.
inline os::Patience patience_until(std::int64_t deadline_ns, const StopSignal* stop,
                                   const os::Flag* hopeless = nullptr) {
    return stop == nullptr ? os::Patience(deadline_ns, hopeless)
                           : os::Patience(deadline_ns, stop->cancel(), &stop->flag(), hopeless);
}

// The error of an operation that a stop has ended.
inline tl::unexpected<os::Error> closed(const char* operation) {
    return os::fail(operation, kClosed, os::Reaction::retry, "closed meanwhile");
}

// Not owned: stopped meanwhile. Whoever holds the mutex may do so for as long as a driver takes to
// answer.
inline std::unique_lock<std::mutex> lock_patiently(std::mutex& mutex, const StopSignal* stop) {
    constexpr std::int64_t kLookNs = 2 * os::kMillisecond;
    if (stop == nullptr) {
        return std::unique_lock(mutex);
    }
    std::unique_lock lock(mutex, std::try_to_lock);
    while (!lock.owns_lock() && !stop->wait_until(os::deadline_after(kLookNs))) {
        (void)lock.try_lock();
    }
    return lock;
}

}  // namespace pf::host
