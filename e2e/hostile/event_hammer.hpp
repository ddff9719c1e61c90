// A thread that does to events what their other owner must not be hurt by: fills them, makes them
// blocking, both at the worst moment. Owned by the process that lies.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include <pf/os/handle.hpp>

namespace pf::hostile {

class EventHammer {
public:
    EventHammer() : thread_([this] { run(); }) {}
    ~EventHammer();
    EventHammer(const EventHammer&) = delete;

    // The newest few are hammered.
    void add(os::Handle event);
    std::uint64_t blows() const { return blows_; }

private:
    void run();
    void strike(int event);

    std::mutex mutex_;
    std::vector<os::Handle> events_;  // mutex_
    std::atomic<bool> ending_{false};
    std::atomic<std::uint64_t> blows_{0};
    std::thread thread_;
};

}  // namespace pf::hostile
