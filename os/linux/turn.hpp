// A mutex whose owner may hold it for long, so that waiting for it has a deadline. Internal to
// os/linux. (std::timed_mutex would do; ThreadSanitizer does not see its timed lock.)
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace pf::os {

class Turn {
public:
    // One thread's turn; given back on destruction. Empty: the deadline passed.
    class Hold {
    public:
        explicit Hold(Turn* turn) : turn_(turn) {}
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;
        ~Hold();
        explicit operator bool() const { return turn_ != nullptr; }

    private:
        Turn* turn_;
    };

    Hold take(std::int64_t deadline_ns);

private:
    std::mutex mutex_;
    std::condition_variable free_;
    bool taken_ = false;
};

}  // namespace pf::os
