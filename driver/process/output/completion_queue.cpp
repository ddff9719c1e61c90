#include "completion_queue.hpp"

#include <new>
#include <utility>

#include <pf/proto/control.hpp>

namespace pf::driver {
namespace {

// A monitor that is there and one that leaves the same id, each with the end of what it was at and
// of its unplug.
constexpr std::size_t kMost = 2 * 2 * proto::kMonitorIdLast;

}  // namespace

os::Result<std::shared_ptr<CompletionQueue>> CompletionQueue::create() {
    auto arrived = os::Event::create();
    if (!arrived) {
        return tl::unexpected(std::move(arrived.error()));
    }
    return std::shared_ptr<CompletionQueue>(new CompletionQueue(std::move(*arrived)));
}

CompletionQueue::CompletionQueue(os::Event arrived) : arrived_(std::move(arrived)) {
    completed_.reserve(kMost);
}

void CompletionQueue::post(SourceCompletion completion) noexcept {
    {
        const std::lock_guard locked(mutex_);
        completed_.insert(completed_.begin(), std::move(completion));
    }
    arrived_.signal();
}

std::optional<SourceCompletion> CompletionQueue::take() {
    const std::lock_guard locked(mutex_);
    if (completed_.empty()) {
        return std::nullopt;
    }
    SourceCompletion oldest = std::move(completed_.back());
    completed_.pop_back();
    return oldest;
}

Completer& Completer::operator=(Completer&& other) noexcept {
    give_up();
    queue_ = std::move(other.queue_);
    task_ = other.task_;
    number_ = other.number_;
    return *this;
}

void Completer::finish(os::Result<void> result) noexcept {
    if (const auto queue = std::exchange(queue_, nullptr)) {
        queue->post({task_, number_, std::move(result)});
    }
}

// Without a line: there may be no memory for one.
void Completer::give_up() noexcept {
    finish(os::fail("serve a monitor", 0, os::Reaction::retry, {}));
}

}  // namespace pf::driver
