// Keeps a driver running, as a service manager would: starts one when the instance has none,
// starts a dead one again at once, replaces one that does not answer. Watches on a thread of its
// own; the destructor stops the driver that it started and leaves any other alone.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <pf/os/event.hpp>
#include <pf/os/process.hpp>

#include "restart_policy.hpp"

namespace pf::cli {

struct SupervisorOptions {
    std::string instance;
    std::vector<std::string> arguments;  // of the driver; the program first
    RestartLimits limits;
};

class Supervisor {
public:
    static os::Result<std::unique_ptr<Supervisor>> start(const SupervisorOptions& options);
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    // Until the instance is active. Fails when the driver cannot work (its own reason), at the
    // deadline, or on `cancel` (may be null).
    os::Result<void> wait_ready(std::int64_t deadline_ns, const os::Event* cancel);

    // Of the drivers that start from now on, as after an upgrade.
    void set_arguments(std::vector<std::string> arguments);

    // Any thread: kills the driver if it still is the process `pid`; its end starts the next one.
    void replace(std::uint32_t pid);

    std::uint32_t pid() const;  // 0: none runs now
    std::uint64_t restarts() const { return restarts_; }
    // The driver's own output.
    const std::string& log_file() const { return log_file_; }

private:
    Supervisor(const SupervisorOptions& options, os::Event stop, std::string log_file);
    void run();
    bool spawn();  // false: the program cannot be run
    void stop_child();

    SupervisorOptions options_;  // the arguments: mutex_
    os::Event stop_;             // stays signalled
    std::string log_file_;
    mutable std::mutex mutex_;
    os::Process existing_;  // somebody else's; empty when gone
    os::ChildProcess child_;
    std::string given_up_;       // why; empty: it still tries
    bool ended_itself_ = false;  // given up because the driver says no, not for want of a program
    std::atomic<std::uint64_t> restarts_{0};
    std::thread thread_;  // the only one that spawns: a child may die with its thread
};

}  // namespace pf::cli
