#include "monitor/removals.hpp"

namespace pf::host {
namespace {

// Removing is a courtesy to a driver that may hang; the request stays queued if it does.
constexpr std::int64_t kRemoveTimeoutNs = 2 * os::kSecond;

}  // namespace

void Removals::add(std::uint64_t session_id) {
    const std::lock_guard lock(mutex_);
    session_ids_.insert(session_id);
}

bool Removals::any() const {
    const std::lock_guard lock(mutex_);
    return !session_ids_.empty();
}

void Removals::send() {
    std::set<std::uint64_t> due;
    {
        const std::lock_guard lock(mutex_);
        due = session_ids_;
    }
    for (const std::uint64_t session_id : due) {
        const auto connection = device_->current();
        if (connection == nullptr || !connection->usable() ||
            !connection->remove(session_id, kRemoveTimeoutNs)) {
            return;
        }
        const std::lock_guard lock(mutex_);
        session_ids_.erase(session_id);
    }
}

void Removals::send_at_last() {
    if (any() && device_->reopen(false)) {
        send();
    }
}

}  // namespace pf::host
