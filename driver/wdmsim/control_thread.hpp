// The one thread that a node's shell runs on: does what is posted, in order, and gives the shell
// its turns.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <pf/os/event.hpp>
#include <pf/os/flag.hpp>
#include <pf/os/thread.hpp>

#include "carrier.hpp"

namespace pf::driver {

class ControlThread {
public:
    using Task = std::function<void(Device&)>;

    // Retry: no event or no thread to be had.
    static os::Result<std::unique_ptr<ControlThread>> start(std::unique_ptr<Device> device);
    // Waits for the task that it is at; those behind it are dropped.
    ~ControlThread();
    ControlThread(const ControlThread&) = delete;
    ControlThread& operator=(const ControlThread&) = delete;

    // Any thread.
    void post(Task task);
    // While frozen it does nothing, from the end of the task that it is at on.
    void set_frozen(bool frozen);

private:
    ControlThread(std::unique_ptr<Device> device, os::Event posted, os::Flag stop);
    void run();
    bool wait_turn();
    void do_posted();

    std::unique_ptr<Device> device_;
    os::Event posted_;  // or the frost ended
    os::Flag stop_;
    std::atomic<bool> frozen_{false};
    std::mutex mutex_;
    std::vector<Task> tasks_;  // guarded by mutex_
    std::int64_t next_turn_ns_ = 0;
    os::GuardedThread thread_;  // last: it uses all of the above
};

}  // namespace pf::driver
