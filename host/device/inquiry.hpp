// Asks instances of the driver who they are, several at once: each is opened and shaken hands with
// on a thread of its own, so that one that keeps its caller waiting costs the others nothing. One
// thread makes and asks; nobody else sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pf/host/discovery.hpp>
#include <pf/os/thread.hpp>

#include "device/device_system.hpp"
#include "device/driver_connection.hpp"

namespace pf::host {

// What one instance gets.
struct AskingTimes {
    std::int64_t open_ns = kOpenTimeoutNs;
    std::int64_t handshake_ns = kHandshakeTimeoutNs;
};

// What became of one, and what it was found to be.
struct Answer {
    InstanceReport report;
    std::shared_ptr<DriverConnection> connection;  // null: it is not usable
    std::optional<os::Error> error;                // why not, of one that was asked
};

// On the calling thread. `stop` may be null.
Answer ask_instance(const DeviceSystem& system, const os::Instance& instance,
                    const AskingTimes& times, const StopSignal* stop);

class Inquiry {
public:
    static os::Result<std::unique_ptr<Inquiry>> begin(const DeviceSystem& system,
                                                      std::vector<os::Instance> instances,
                                                      const AskingTimes& times);
    // Ends what is under way, and waits for that.
    ~Inquiry();
    Inquiry(const Inquiry&) = delete;

    std::size_t size() const { return answers_.size(); }
    // Once for each. On the calling thread where there is no other to be had.
    void ask(std::size_t index);

    // Which instance to take of those that have answered; nullopt: wait.
    std::optional<std::size_t> first_usable() const;
    // All before `index` that were asked have answered.
    bool answered_before(std::size_t index) const;
    bool all_answered() const { return answered_before(answers_.size()); }

    // For another answer. False: the deadline has passed, or `stop`, which may be null, is set.
    bool wait_for_answer(std::int64_t deadline_ns, const StopSignal* stop) const;

    // Of one that has answered.
    Answer take(std::size_t index);

private:
    Inquiry(const DeviceSystem& system, std::vector<os::Instance> instances,
            const AskingTimes& times, os::Flag over, os::Event news);

    const DeviceSystem& system_;
    const std::vector<os::Instance> instances_;
    const AskingTimes times_;
    StopSignal over_;
    const os::Event news_;
    std::vector<bool> asked_;
    mutable std::mutex mutex_;
    std::vector<std::optional<Answer>> answers_;  // mutex_
    std::vector<os::GuardedThread> threads_;
};

}  // namespace pf::host
