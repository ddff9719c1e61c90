#include "monitor/removals.hpp"

namespace pf::host {
namespace {

// Removing is a courtesy to a driver that may hang; the request stays queued if it does.
constexpr std::int64_t kSendNs = os::kSecond / 2;
constexpr std::int64_t kLastNs = os::kSecond;  // for each of its two steps

}  // namespace

void Removals::add(std::uint64_t session_id) {
    const std::lock_guard lock(mutex_);
    session_ids_.insert(session_id);
}

bool Removals::any() const {
    const std::lock_guard lock(mutex_);
    return !session_ids_.empty();
}

void Removals::send(const StopSignal* stop) {
    send_until(os::deadline_after(kSendNs), stop);
}

void Removals::send_until(std::int64_t deadline_ns, const StopSignal* stop) {
    std::set<std::uint64_t> due;
    {
        const std::lock_guard lock(mutex_);
        due = session_ids_;
    }
    for (const std::uint64_t session_id : due) {
        const auto connection = device_->current();
        if (connection == nullptr || !connection->usable() ||
            !connection->remove(session_id, deadline_ns - os::now_ns(), stop)) {
            return;
        }
        const std::lock_guard lock(mutex_);
        session_ids_.erase(session_id);
    }
}

void Removals::send_at_last() {
    if (any() && device_->reopen(false, nullptr, kLastNs)) {
        send_until(os::deadline_after(kLastNs), nullptr);
    }
}

}  // namespace pf::host
