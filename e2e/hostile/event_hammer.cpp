#include "event_hammer.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <pf/os/clock.hpp>

namespace pf::hostile {
namespace {

constexpr std::size_t kMaxEvents = 4;
constexpr int kBlowsATurn = 16;

}  // namespace

EventHammer::~EventHammer() {
    ending_ = true;
    thread_.join();
}

void EventHammer::add(os::Handle event) {
    if (!event) {
        return;
    }
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    if (events_.size() > kMaxEvents) {
        events_.erase(events_.begin());
    }
}

void EventHammer::run() {
    while (!ending_) {
        {
            const std::lock_guard lock(mutex_);
            for (const os::Handle& event : events_) {
                strike(static_cast<int>(event.native()));
            }
        }
        os::sleep_until(os::deadline_after(500'000));
    }
}

// Between the driver's look and its write the counter fills and the event becomes blocking; a write
// that blocks is not let go before the next turn.
void EventHammer::strike(int event) {
    const int flags = ::fcntl(event, F_GETFL);
    std::uint64_t count = 0;
    ::fcntl(event, F_SETFL, flags | O_NONBLOCK);
    for (int blow = 0; blow < kBlowsATurn; ++blow) {
        (void)!::read(event, &count, sizeof count);
        const std::uint64_t full = UINT64_MAX - 1;
        (void)!::write(event, &full, sizeof full);
    }
    ::fcntl(event, F_SETFL, flags & ~O_NONBLOCK);
    blows_ += kBlowsATurn;
}

}  // namespace pf::hostile
