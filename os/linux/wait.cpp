#include <pf/os/wait.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include <pf/os/clock.hpp>

#include "descriptor_poll.hpp"
#include "eventfd.hpp"
#include "process_view.hpp"

namespace pf::os {

namespace {

// Room for the entries of one wait: here while they are few.
class PollRoom {
public:
    // Empty: no memory.
    std::span<pollfd> take(std::size_t count) {
        if (count <= few_.size()) {
            return std::span(few_).first(count);
        }
        if (many_ == nullptr) {
            many_.reset(new (std::nothrow) pollfd[count]);
        }
        return many_ != nullptr ? std::span(many_.get(), count) : std::span<pollfd>();
    }

private:
    std::array<pollfd, 64> few_;
    std::unique_ptr<pollfd[]> many_;
};

}  // namespace

// One wait, as often as it takes to find something ready.
class WaitTurn {
public:
    explicit WaitTurn(std::span<WaitItem> items) : items_(items) {}

    // False: nothing is ready, and the deadline passed or something was ready for a moment.
    bool look(std::int64_t deadline_ns) {
        const std::span<pollfd> entries = room_.take(items_.size());
        if (entries.size() != items_.size()) {
            sleep_until(std::min(deadline_ns, deadline_after(kMillisecond)));
            return false;
        }
        std::transform(items_.begin(), items_.end(), entries.begin(), entry_of);
        bool any = false;
        for (WaitItem& item : items_) {
            item.ready_ = item.source_ != nullptr && item.source_->has_queued();
            any |= item.ready_;
        }
        if (poll_until(entries, any ? 0 : deadline_ns)) {
            for (std::size_t i = 0; i < items_.size(); ++i) {
                items_[i].ready_ |= is_ready(items_[i], entries[i]);
                any |= items_[i].ready_;
            }
        }
        return any;
    }

private:
    using Kind = WaitItem::Kind;

    template <typename T>
    static const T& object_of(const WaitItem& item) {
        return *static_cast<const T*>(item.object_);
    }

    // ppoll skips entries with a negative descriptor, and an empty handle is one.
    static pollfd entry_of(const WaitItem& item) {
        switch (item.kind_) {
            case Kind::event: return {descriptor_of(object_of<Event>(item).handle()), POLLIN, 0};
            case Kind::flag: return {descriptor_of(object_of<Flag>(item).handle()), POLLIN, 0};
            case Kind::process: return poll_end(object_of<Process>(item));
            case Kind::source: return {static_cast<int>(item.source_->native()), POLLIN, 0};
            default: return {-1, 0, 0};
        }
    }

    // An event is tried whenever the wait ends: its last signal may fall between the looks at it
    // and at the process that gave it and ended. Not there although it was announced: another
    // waiter took it.
    static bool is_ready(const WaitItem& item, const pollfd& entry) {
        return item.kind_ == Kind::event ? consume_event(object_of<Event>(item).handle())
                                         : entry.revents != 0;
    }

    const std::span<WaitItem> items_;
    PollRoom room_;
};

bool wait(std::span<WaitItem> items, std::int64_t deadline_ns) {
    WaitTurn turn(items);
    while (!turn.look(deadline_ns)) {
        if (deadline_ns != kNever && now_ns() >= deadline_ns) {
            return false;
        }
    }
    return true;
}

}  // namespace pf::os
