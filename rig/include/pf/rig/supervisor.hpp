// Keeps a driver running, as a service manager would: starts one when the instance has none,
// starts a dead one again at once, replaces one that does not answer. Watches on a thread of its
// own; at its end the driver that it started ends, then the X server that this one left, if any.
// A driver that it did not start stays, with all that is its own.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <pf/os/flag.hpp>
#include <pf/os/process.hpp>
#include <pf/os/thread.hpp>
#include <pf/rig/console.hpp>
#include <pf/rig/restart_policy.hpp>

namespace pf::rig {

struct SupervisorOptions {
    std::string instance;
    std::vector<std::string> arguments;  // of the driver; the program first
    RestartLimits limits;
};

class Supervisor {
public:
    // Shared with whatever ends it when others hang (os::LastResort).
    static os::Result<std::shared_ptr<Supervisor>> start(const SupervisorOptions& options);
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    // Until the instance is active, telling so when it takes long. Fails when the driver cannot
    // work (its own reason), at the deadline, or on `cancel` (may be null).
    os::Result<void> wait_ready(std::int64_t deadline_ns, const os::Flag* cancel);

    // Of the drivers that start from now on, as after an upgrade.
    void set_arguments(std::vector<std::string> arguments);

    // Any thread: kills the driver if it still is the process `pid`; its end starts the next one.
    void replace(std::uint32_t pid);

    // Any thread, again and again: returns when all is gone. Asked, a driver has 10 s for it; a
    // later call with `kill` hurries that one too.
    void end(os::StopHow how);

    std::uint32_t pid() const;  // 0: none runs now
    std::uint64_t restarts() const { return restarts_; }
    // The driver's own output.
    const std::string& log_file() const { return log_file_; }

private:
    struct Events {
        os::Flag stop, hurry, ended;  // they stay signalled
    };
    Supervisor(const SupervisorOptions& options, Events events, std::string directory);
    void run() noexcept;
    void watch();
    bool await_existing();  // false: stopped
    bool spawn();           // false: the program cannot be run
    void stop_child();
    void give_up(const std::string& why, bool ended_itself);

    SupervisorOptions options_;  // the arguments: mutex_
    Events events_;
    const std::string directory_;  // of the instance
    const std::string log_file_;
    mutable std::mutex mutex_;
    os::Process existing_;  // somebody else's; empty when gone
    os::ChildProcess child_;
    std::string given_up_;       // why; empty: it still tries
    bool ended_itself_ = false;  // given up because the driver says no, not for want of a program
    std::atomic<std::uint64_t> restarts_{0};
    os::GuardedThread thread_;  // the only one that spawns: a child may die with its thread
};

}  // namespace pf::rig
