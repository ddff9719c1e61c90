#include "monitor/removals.hpp"

#include <algorithm>

namespace pf::host {
namespace {

// Removing is a courtesy to a driver that may hang; the request stays queued if it does.
constexpr std::int64_t kSendNs = os::kSecond / 2;
constexpr std::int64_t kLastNs = os::kSecond;  // for each of its steps
constexpr std::int64_t kQueueNs = 10 * os::kMillisecond;

}  // namespace

void Removals::add(std::uint64_t session_id, std::shared_ptr<DriverConnection> added_through) {
    const std::lock_guard lock(mutex_);
    due_.emplace(session_id, std::move(added_through));
}

bool Removals::any() const {
    const std::lock_guard lock(mutex_);
    return !due_.empty();
}

Removals::Due Removals::due() const {
    const std::lock_guard lock(mutex_);
    return due_;
}

void Removals::done(std::uint64_t session_id) {
    const std::lock_guard lock(mutex_);
    due_.erase(session_id);
}

void Removals::send(const StopSignal* stop) {
    send_until(os::deadline_after(kSendNs), stop);
}

void Removals::send_until(std::int64_t deadline_ns, const StopSignal* stop) {
    for (const auto& [session_id, added_through] : due()) {
        const auto connection = device_->current();
        if (connection == nullptr || !connection->usable() ||
            !connection->remove(session_id, deadline_ns - os::now_ns(), stop)) {
            return;
        }
        done(session_id);
    }
}

// One that gets no answer is queued.
void Removals::queue_until(std::int64_t deadline_ns) {
    for (const auto& [session_id, connection] : due()) {
        const std::int64_t left_ns = std::max(deadline_ns - os::now_ns(), kQueueNs);
        const auto sent = connection->remove(session_id, left_ns);
        if (sent || os::DeviceChannel::unanswered(sent.error()) || connection->process_ended()) {
            done(session_id);
        }
    }
}

void Removals::send_at_last() {
    queue_until(os::deadline_after(kLastNs));
    if (any() && device_->reopen(false, nullptr, kLastNs)) {
        send_until(os::deadline_after(kLastNs / 2), nullptr);
    }
}

}  // namespace pf::host
