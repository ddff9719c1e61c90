#include "x11_orders.hpp"

#include <utility>

#include <pf/os/clock.hpp>

namespace pf::driver {

void X11Orders::plug(const core::MonitorSpec& spec, std::shared_ptr<MonitorOutput> output,
                     Completer&& done) {
    {
        const std::lock_guard locked(mutex_);
        Entry& entry = entries_[spec.number];
        entry.turn = next_turn_++;
        entry.wanted.emplace(Wanted{{SourceTask::plug, spec.number, spec.monitor_id, spec.mode,
                                     spec.luminance, std::move(output), os::now_ns()},
                                    std::move(done)});
    }
    arrived_.signal();
}

void X11Orders::set_mode(core::MonitorNumber number, const core::Mode& mode, Completer&& done) {
    {
        const std::lock_guard locked(mutex_);
        const auto found = entries_.find(number);
        if (found == entries_.end()) {
            done.finish(os::fail("set X mode", 0, os::Reaction::reject, "no such monitor"));
            return;
        }
        found->second.turn = next_turn_++;
        X11Order order{SourceTask::set_mode, number};
        order.mode = mode;
        order.asked_ns = os::now_ns();
        found->second.wanted.emplace(Wanted{std::move(order), std::move(done)});
    }
    arrived_.signal();
}

void X11Orders::unplug(core::MonitorNumber number, Completer&& done) noexcept {
    {
        const std::lock_guard locked(mutex_);
        const auto found = entries_.find(number);
        if (found == entries_.end()) {
            done.finish({});
            return;
        }
        Entry& entry = found->second;
        entry.turn = next_turn_++;
        entry.leave.emplace(std::move(done));
        if (entry.wanted && !entry.wanted->begun) {
            entry.wanted.reset();
        }
    }
    arrived_.signal();
}

std::optional<X11Order> X11Orders::next(bool only_unplugs) {
    const std::lock_guard locked(mutex_);
    Entry* oldest = nullptr;
    core::MonitorNumber number = 0;
    for (auto& [each, entry] : entries_) {
        const bool serves = only_unplugs ? entry.leave.has_value() : !is_idle(entry);
        if (serves && (oldest == nullptr || entry.turn < oldest->turn)) {
            oldest = &entry;
            number = each;
        }
    }
    if (oldest == nullptr) {
        return std::nullopt;
    }
    if (oldest->leave) {
        return X11Order{SourceTask::unplug, number};
    }
    oldest->wanted->begun = true;
    return oldest->wanted->order;
}

void X11Orders::finish(const X11Order& order, os::Result<void> result) noexcept {
    const std::lock_guard locked(mutex_);
    const auto found = entries_.find(order.number);
    if (found == entries_.end()) {
        return;
    }
    Entry& entry = found->second;
    const bool gone = order.task == SourceTask::unplug ||
                      (order.task == SourceTask::plug && !result && !entry.leave);
    if (order.task == SourceTask::unplug) {
        entry.leave->finish(std::move(result));
    } else if (entry.wanted) {
        entry.wanted->done.finish(std::move(result));
        entry.wanted.reset();
    }
    if (gone) {
        entries_.erase(found);
    }
}

void X11Orders::try_again(const X11Order& order) {
    const std::lock_guard locked(mutex_);
    if (const auto found = entries_.find(order.number);
        found != entries_.end() && found->second.wanted) {
        found->second.wanted->order.again = true;
        found->second.wanted->begun = false;
    }
}

void X11Orders::expire(std::int64_t now_ns, std::int64_t patience_ns, const std::string& line) {
    const std::lock_guard locked(mutex_);
    for (auto at = entries_.begin(); at != entries_.end();) {
        Entry& entry = at->second;
        const bool late = entry.wanted && !entry.wanted->begun &&
                          now_ns - entry.wanted->order.asked_ns >= patience_ns;
        const bool gone = late && entry.wanted->order.task == SourceTask::plug && !entry.leave;
        if (late) {
            entry.wanted->done.finish(os::fail("change X monitors", 0, os::Reaction::retry, line));
            entry.wanted.reset();
        }
        at = gone ? entries_.erase(at) : std::next(at);
    }
}

}  // namespace pf::driver
