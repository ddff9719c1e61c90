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
    Prefaulter();
    ~Prefaulter();  // finishes the slot it is at
    Prefaulter(const Prefaulter&) = delete;
    Prefaulter& operator=(const Prefaulter&) = delete;

    // Slots of more than `max_slot_bytes` are left alone: a host may promise any size, and only
    // what frames will use is worth its memory. A ring that is let go meanwhile is skipped.
    void add(const std::shared_ptr<MappedRing>& ring, std::uint64_t max_slot_bytes);

private:
    struct Job {
        std::weak_ptr<MappedRing> ring;
        std::uint64_t max_slot_bytes;
    };
    void run();
    bool stopping();
    void prefault(const Job& job);

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool stopping_ = false;
    os::GuardedThread thread_;  // none: the frames fault the pages in themselves
};

}  // namespace pf::driver
