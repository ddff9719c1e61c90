// Faults the pages of delivered slots in, on a thread of its own, so that neither the control
// thread nor the first frame into each slot waits for it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include <pf/os/thread.hpp>

#include "monitor_output.hpp"

namespace pf::driver {

class Prefaulter {
public:
    Prefaulter() = default;
    ~Prefaulter();  // finishes the slot it is at
    Prefaulter(const Prefaulter&) = delete;
    Prefaulter& operator=(const Prefaulter&) = delete;

    // Slots of more than `max_slot_bytes` are left alone: a host may promise any size, and only
    // what frames will use is worth its memory. A ring that is let go meanwhile is skipped. Where
    // there is no memory or no thread for it, the frames fault the pages in themselves.
    void add(const std::shared_ptr<MappedRing>& ring, std::uint64_t max_slot_bytes);

private:
    struct Job {
        std::weak_ptr<MappedRing> ring;
        std::uint64_t max_slot_bytes;
    };
    bool begin();  // false: no thread to be had
    void give_up(const os::Error& error);
    void run();
    bool stopping();
    void prefault(const Job& job);

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool stopping_ = false;     // or stopped by itself
    os::GuardedThread thread_;  // the control thread's; from the first job on
};

}  // namespace pf::driver
