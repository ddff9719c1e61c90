#include "monitor/monitor_manager.hpp"

#include <algorithm>

#include <pf/host/errors.hpp>
#include <pf/os/wait.hpp>
#include <pf/proto/validate.hpp>

#include "want_of_memory.hpp"

namespace pf::host {
namespace {

// How soon a kept monitor is missed after its driver died, and a lost Remove sent again.
constexpr std::int64_t kKeptCheckNs = 500 * os::kMillisecond;

}  // namespace

void MonitorLease::end() {
    if (const auto slot = std::move(slot_)) {
        despite_want_of_memory([&] { manager_->release(slot, generation_); });
        despite_want_of_memory([&] { manager_->forget_if_idle(slot); });
    }
    slot_.reset();
    manager_.reset();
}

MonitorManager::MonitorManager(std::shared_ptr<ControlDevice> device, MonitorManagerOptions options,
                               os::Flag ending, os::Event wake)
    : device_(std::move(device)),
      options_(options),
      wake_timer_(std::move(wake)),
      maker_(device_, options.wedge, wake_timer_),
      ending_(std::move(ending), nullptr) {}

os::Result<std::shared_ptr<MonitorManager>> MonitorManager::create(
    std::shared_ptr<ControlDevice> device, MonitorManagerOptions options) {
    auto ending = os::Flag::create();
    auto wake = os::Event::create();
    if (!ending || !wake) {
        return tl::unexpected(!ending ? ending.error() : wake.error());
    }
    std::shared_ptr<MonitorManager> manager(
        new MonitorManager(std::move(device), options, std::move(*ending), std::move(*wake)));
    auto timer = os::GuardedThread::start(
        "pf monitors", [raw = manager.get()] { raw->timer_loop(); }, [](const os::Error&) {});
    if (!timer) {
        return tl::unexpected(timer.error());
    }
    manager->timer_ = std::move(*timer);
    return manager;
}

MonitorManager::~MonitorManager() {
    ending_.stop();
    timer_.join();
    despite_want_of_memory([this] {
        for (const auto& slot : slots()) {
            const std::lock_guard lock(slot->mutex);
            maker_.let_go(slot->content.monitor);
        }
        maker_.removals().send_at_last();
    });
}

bool MonitorManager::alive(const MonitorSlot& slot) const {
    const auto& connection = slot.content.monitor.connection;
    return connection != nullptr && connection->usable() && connection == device_->current();
}

std::shared_ptr<MonitorSlot> MonitorManager::slot_for(const MonitorRequest& request,
                                                      const MonitorLease* previous) {
    const std::lock_guard lock(map_mutex_);
    if (previous != nullptr && previous->slot_ != nullptr) {
        return slots_.try_emplace(previous->slot_->key, previous->slot_).first->second;
    }
    const std::uint32_t key = request.client_id != 0 ? request.client_id : next_anonymous_++;
    if (const auto found = slots_.find(key); found != slots_.end()) {
        return found->second;
    }
    auto slot = std::make_shared<MonitorSlot>();
    slot->key = key;
    slots_.emplace(key, slot);
    return slot;
}

std::vector<std::shared_ptr<MonitorSlot>> MonitorManager::slots() const {
    const std::lock_guard lock(map_mutex_);
    std::vector<std::shared_ptr<MonitorSlot>> all;
    for (const auto& [key, slot] : slots_) {
        all.push_back(slot);
    }
    return all;
}

void MonitorManager::forget_if_idle(const std::shared_ptr<MonitorSlot>& slot) {
    if (slot->key <= proto::kMonitorIdLast) {
        return;
    }
    const std::lock_guard lock(map_mutex_);
    const std::unique_lock slot_lock(slot->mutex, std::try_to_lock);
    if (!slot_lock.owns_lock()) {
        wake_timer_.signal();  // somebody is at it, for seconds perhaps; the timer comes back to it
    } else if (slot->state == SlotState::idle) {
        slots_.erase(slot->key);
    }
}

os::Result<MonitorLease> MonitorManager::acquire(const MonitorRequest& request,
                                                 const MonitorLease* previous,
                                                 const StopSignal* stop) {
    if (!valid(request.mode) || request.client_id > proto::kMonitorIdLast) {
        return os::fail("acquire a monitor", proto::kStatusInvalidParameter, os::Reaction::reject,
                        to_string(request.mode) + " for client " +
                            std::to_string(request.client_id) +
                            ": a mode is 1..16384 x 1..16384 @ 1..1000, a client 1..15 or 0");
    }
    const auto slot = slot_for(request, previous);
    os::Result<void> applied;
    MonitorLease lease;
    {
        const auto lock = lock_patiently(slot->mutex, stop);
        if (!lock.owns_lock()) {
            return closed("acquire a monitor");
        }
        const AcquireAction action =
            on_acquire({slot->state, alive(*slot), slot->content.request.mode == request.mode,
                        same_picture(slot->content.request, request)});
        applied = apply(*slot, action, request, stop);
        if (applied) {
            slot->state = SlotState::active;
            ++slot->references;
            lease = MonitorLease(shared_from_this(), slot, slot->generation);
        }
    }
    if (!applied) {
        forget_if_idle(slot);
        return tl::unexpected(applied.error());
    }
    return lease;
}

os::Result<void> MonitorManager::apply(MonitorSlot& slot, AcquireAction action,
                                       const MonitorRequest& request, const StopSignal* stop) {
    switch (action) {
        case AcquireAction::join: return {};
        case AcquireAction::resize: return maker_.change_mode(slot.content, request.mode, stop);
        case AcquireAction::refuse:
            return os::fail("acquire a monitor", 0, os::Reaction::reject,
                            "client " + std::to_string(slot.key) +
                                " is in use with another cursor or luminance setting");
        case AcquireAction::create:
        case AcquireAction::replace:
        case AcquireAction::renew: break;
    }
    auto added = maker_.add(slot.content, request, stop);
    if (added) {
        ++slot.generation;
        slot.references = 0;
    }
    return added;
}

std::optional<Monitor> MonitorManager::monitor(const MonitorLease& lease,
                                               const StopSignal* stop) const {
    if (lease.slot_ == nullptr) {
        return std::nullopt;
    }
    const auto lock = lock_patiently(lease.slot_->mutex, stop);
    if (!lock.owns_lock() || lease.generation_ != lease.slot_->generation) {
        return std::nullopt;
    }
    return lease.slot_->content.monitor;
}

void MonitorManager::invalidate(const MonitorLease& lease, std::uint64_t incarnation,
                                const StopSignal* stop) {
    if (lease.slot_ == nullptr) {
        return;
    }
    const auto lock = lock_patiently(lease.slot_->mutex, stop);
    if (lock.owns_lock() && lease.generation_ == lease.slot_->generation &&
        lease.slot_->content.monitor.incarnation == incarnation) {
        lease.slot_->content.monitor.connection = nullptr;
    }
}

void MonitorManager::adopt_size(const MonitorLease& lease, std::uint32_t width,
                                std::uint32_t height, const StopSignal* stop) {
    if (lease.slot_ == nullptr) {
        return;
    }
    const auto lock = lock_patiently(lease.slot_->mutex, stop);
    if (lock.owns_lock() && lease.generation_ == lease.slot_->generation) {
        lease.slot_->content.monitor.mode.width = width;
        lease.slot_->content.monitor.mode.height = height;
        lease.slot_->content.request.mode = lease.slot_->content.monitor.mode;
    }
}

os::Result<void> MonitorManager::resize(const MonitorLease& lease, const Mode& mode,
                                        const StopSignal* stop) {
    if (!valid(mode)) {
        return os::fail("resize", proto::kStatusInvalidParameter, os::Reaction::reject,
                        to_string(mode) + " is outside 1..16384 x 1..16384 @ 1..1000");
    }
    if (lease.slot_ == nullptr) {
        return os::fail("resize", 0, os::Reaction::bug, "no monitor is leased");
    }
    const auto lock = lock_patiently(lease.slot_->mutex, stop);
    if (!lock.owns_lock()) {
        return closed("resize");
    }
    if (lease.generation_ != lease.slot_->generation || !alive(*lease.slot_)) {
        return os::fail("resize", kDriverLost, os::Reaction::reopen,
                        "the monitor is gone; it keeps its mode when it comes back");
    }
    return maker_.change_mode(lease.slot_->content, mode, stop);
}

void MonitorManager::release(const std::shared_ptr<MonitorSlot>& slot, std::uint64_t generation) {
    std::unique_lock lock(slot->mutex, std::try_to_lock);
    if (!lock.owns_lock()) {
        if (release_later(slot, generation)) {
            return;
        }
        lock.lock();
    }
    release_locked(*slot, generation);
}

// Somebody is at the monitor, for as long as the driver takes: the timer does it.
bool MonitorManager::release_later(const std::shared_ptr<MonitorSlot>& slot,
                                   std::uint64_t generation) {
    try {
        const std::lock_guard lock(map_mutex_);
        late_releases_.push_back({slot, generation});
    } catch (const std::bad_alloc&) {
        return false;
    }
    wake_timer_.signal();
    return true;
}

void MonitorManager::release_locked(MonitorSlot& slot, std::uint64_t generation) {
    if (slot.generation != generation || slot.references == 0) {
        return;
    }
    --slot.references;
    settle(slot, on_release(slot.references, slot.pinned, options_.linger_ns));
}

void MonitorManager::release_late_ones() {
    std::vector<LateRelease> due;
    {
        const std::lock_guard lock(map_mutex_);
        due.swap(late_releases_);
    }
    for (const LateRelease& late : due) {
        release(late.slot, late.generation);
    }
}

void MonitorManager::settle(MonitorSlot& slot, ReleaseAction action) {
    switch (action) {
        case ReleaseAction::keep_active: return;
        case ReleaseAction::linger:
            slot.state = SlotState::lingering;
            slot.linger_until_ns = os::deadline_after(options_.linger_ns);
            break;
        case ReleaseAction::pin: slot.state = SlotState::pinned; break;
        case ReleaseAction::depart: depart(slot); break;
    }
    wake_timer_.signal();
}

void MonitorManager::depart(MonitorSlot& slot) {
    if (slot.state == SlotState::idle) {
        return;
    }
    maker_.let_go(slot.content.monitor);
    maker_.removals().send(&ending_);
    slot.state = SlotState::idle;
    slot.references = 0;
    ++slot.generation;
    slot.content.monitor = {};
}

bool MonitorManager::pin(std::uint32_t client_id, bool pinned) {
    for (const auto& slot : slots()) {
        if (slot->key != client_id || client_id > proto::kMonitorIdLast) {
            continue;
        }
        const std::lock_guard lock(slot->mutex);
        if (slot->state == SlotState::idle) {
            return false;
        }
        slot->pinned = pinned;
        settle(*slot, on_pin(slot->state, pinned, options_.linger_ns));
        return true;
    }
    return false;
}

void MonitorManager::tick(std::int64_t now_ns) {
    release_late_ones();
    maker_.removals().send(&ending_);
    for (const auto& slot : slots()) {
        std::unique_lock lock(slot->mutex, std::try_to_lock);
        if (!lock.owns_lock()) {
            continue;  // somebody is at it; the next tick comes soon
        }
        if (linger_is_over(slot->state, slot->linger_until_ns, now_ns)) {
            depart(*slot);
        } else if (readd_on_reconnect(slot->state) && !alive(*slot)) {
            if (device_->reopen(false, &ending_) &&
                maker_.add(slot->content, slot->content.request, &ending_)) {
                ++slot->generation;
            }
        }
        lock.unlock();
        forget_if_idle(slot);
    }
}

std::vector<MonitorStatus> MonitorManager::status() const {
    std::vector<MonitorStatus> all;
    for (const auto& slot : slots()) {
        const std::lock_guard lock(slot->mutex);
        if (slot->state != SlotState::idle) {
            all.push_back({slot->key <= proto::kMonitorIdLast ? slot->key : 0,
                           slot->content.monitor.monitor_id, slot->references, slot->state,
                           slot->pinned, slot->content.monitor.mode});
        }
    }
    return all;
}

std::int64_t MonitorManager::next_tick_ns() const {
    std::int64_t next_ns = os::kNever;
    if (maker_.removals().any()) {
        next_ns = os::deadline_after(kKeptCheckNs);
    }
    for (const auto& slot : slots()) {
        const std::unique_lock lock(slot->mutex, std::try_to_lock);
        const bool forgettable =
            lock.owns_lock() && slot->key > proto::kMonitorIdLast && slot->state == SlotState::idle;
        if (!lock.owns_lock() || forgettable || readd_on_reconnect(slot->state)) {
            next_ns = std::min(next_ns, os::deadline_after(kKeptCheckNs));
        }
        if (lock.owns_lock() && slot->state == SlotState::lingering) {
            next_ns = std::min(next_ns, slot->linger_until_ns);
        }
    }
    return next_ns;
}

void MonitorManager::timer_loop() {
    while (!ending_.stopped()) {
        std::int64_t until_ns = os::deadline_after(os::kSecond);
        despite_want_of_memory([&] { until_ns = next_tick_ns(); });
        if (!ending_.wait_until(until_ns, &wake_timer_)) {
            despite_want_of_memory([this] { tick(os::now_ns()); });
        }
    }
}

}  // namespace pf::host
