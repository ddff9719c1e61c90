#include "monitor/monitor_manager.hpp"

#include <algorithm>
#include <random>

#include <pf/host/errors.hpp>
#include <pf/os/wait.hpp>
#include <pf/proto/validate.hpp>

#include "monitor/granted_mode.hpp"
#include "want_of_memory.hpp"

namespace pf::host {
namespace {

// How soon a kept monitor is missed after its driver died, and a lost Remove sent again.
constexpr std::int64_t kKeptCheckNs = 500 * os::kMillisecond;

// Session ids are ours alone: two hosts must not pick the same.
std::uint64_t first_session_id() {
    std::random_device random;
    return (std::uint64_t{random()} << 32 | random()) & ~std::uint64_t{0xFFFF};
}

proto::AddRequest add_request(const MonitorRequest& request, std::uint64_t session_id,
                              std::uint32_t preferred_id) {
    return {.session_id = session_id,
            .width = 0,  // the mode: add_granted()
            .height = 0,
            .refresh_hz = 0,
            .preferred_monitor_id = preferred_id,
            .max_luminance_nits = request.max_nits,
            .max_frame_avg_nits = request.max_frame_avg_nits,
            .min_luminance_millinits = request.min_millinits,
            .hw_cursor = request.hw_cursor ? 1u : 0u};
}

tl::unexpected<os::Error> closed(const char* operation) {
    return os::fail(operation, kClosed, os::Reaction::retry, "closed meanwhile");
}

os::Error no_device() {
    return {"Add", kDriverLost, os::Reaction::reopen, "there is no driver at the moment"};
}

os::Error refused(os::Error error, const std::string& instance, const MonitorRequest& request) {
    error.reaction = os::Reaction::reject;
    error.detail =
        "the driver of '" + instance + "' refuses " + to_string(request.mode) + ": " + error.detail;
    return error;
}

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
      next_session_id_(first_session_id() + 1),
      removals_(device_),
      ending_(std::move(ending), nullptr),
      wake_timer_(std::move(wake)) {}

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
            let_go(slot->monitor);
        }
        removals_.send_at_last();
    });
}

bool MonitorManager::alive(const MonitorSlot& slot) const {
    const auto& connection = slot.monitor.connection;
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
            on_acquire({slot->state, alive(*slot), slot->request.mode == request.mode,
                        same_picture(slot->request, request)});
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
        case AcquireAction::resize: return change_mode(slot, request.mode, stop);
        case AcquireAction::refuse:
            return os::fail("acquire a monitor", 0, os::Reaction::reject,
                            "client " + std::to_string(slot.key) +
                                " is in use with another cursor or luminance setting");
        case AcquireAction::create:
        case AcquireAction::replace:
        case AcquireAction::renew: break;
    }
    auto added = add(slot, request, stop);
    if (added) {
        ++slot.generation;
        slot.references = 0;
    }
    return added;
}

// Under a session id that was never used: what the driver still has queued from an earlier
// connection, or serves after its deadline, is about another monitor.
os::Result<void> MonitorManager::add(MonitorSlot& slot, const MonitorRequest& request,
                                     const StopSignal* stop) {
    let_go(slot.monitor);
    removals_.send(stop);  // one of them may hold the monitor id that is wanted
    const auto connection = device_->current();
    if (connection == nullptr || !connection->usable()) {
        return tl::unexpected(no_device());
    }
    const std::uint64_t session_id = next_session_id_++;
    const std::uint32_t preferred_id =
        request.client_id != 0 ? request.client_id : slot.monitor.monitor_id;
    for (std::uint32_t attempt = 1;; ++attempt) {
        Mode granted = request.mode;
        const auto reply =
            add_granted(*connection, add_request(request, session_id, preferred_id), granted, stop);
        if (reply) {
            slot.request = request;
            slot.monitor = {connection,
                            session_id,
                            reply->target_id,
                            reply->resolved_monitor_id,
                            reply->cursor_excluded != 0,
                            granted,
                            {request.max_nits, request.max_frame_avg_nits, request.min_millinits},
                            next_incarnation_++};
            return {};
        }
        const os::Error& error = reply.error();
        const bool not_found = error.code == proto::kStatusNotFound;
        const bool wedged = not_found && error.reaction == os::Reaction::retry;
        if (wedged && attempt < options_.wedge_attempts) {
            const std::int64_t until_ns = os::deadline_after(options_.wedge_pause_ns);
            if (stop == nullptr) {
                os::sleep_until(until_ns);
            } else if (stop->wait_until(until_ns)) {
                return closed("Add");
            }
            continue;
        }
        if (not_found || error.code == proto::kStatusInvalidParameter) {
            return tl::unexpected(refused(error, connection->instance(), request));
        }
        remove_later(session_id, connection.get());  // nobody knows whether it was served
        return tl::unexpected(error);
    }
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
    return lease.slot_->monitor;
}

void MonitorManager::invalidate(const MonitorLease& lease, std::uint64_t incarnation,
                                const StopSignal* stop) {
    if (lease.slot_ == nullptr) {
        return;
    }
    const auto lock = lock_patiently(lease.slot_->mutex, stop);
    if (lock.owns_lock() && lease.generation_ == lease.slot_->generation &&
        lease.slot_->monitor.incarnation == incarnation) {
        lease.slot_->monitor.connection = nullptr;
    }
}

void MonitorManager::adopt_size(const MonitorLease& lease, std::uint32_t width,
                                std::uint32_t height, const StopSignal* stop) {
    if (lease.slot_ == nullptr) {
        return;
    }
    const auto lock = lock_patiently(lease.slot_->mutex, stop);
    if (lock.owns_lock() && lease.generation_ == lease.slot_->generation) {
        lease.slot_->monitor.mode.width = width;
        lease.slot_->monitor.mode.height = height;
        lease.slot_->request.mode = lease.slot_->monitor.mode;
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
    return change_mode(*lease.slot_, mode, stop);
}

os::Result<void> MonitorManager::change_mode(MonitorSlot& slot, const Mode& mode,
                                             const StopSignal* stop) {
    if (slot.request.mode == mode) {
        return {};
    }
    DriverConnection& driver = *slot.monitor.connection;
    if (resize_way(driver.has_update_modes()) == ResizeWay::re_arrival) {
        return re_arrive(slot, mode, stop);
    }
    Mode granted = mode;
    const auto updated = update_granted(driver, slot.monitor.session_id, granted, stop);
    if (updated) {
        slot.monitor.mode = granted;
        slot.request.mode = mode;
        return {};
    }
    os::Error error = updated.error();
    if (error.code == proto::kStatusInvalidParameter) {
        MonitorRequest asked = slot.request;
        asked.mode = mode;
        return tl::unexpected(refused(std::move(error), driver.instance(), asked));
    }
    if (error.reaction == os::Reaction::reopen || os::DeviceChannel::unanswered(error)) {
        return lost(slot, std::move(error));
    }
    return re_arrive(slot, mode, stop);
}

// Nobody knows whether the driver did, or will do, what it was asked: the monitor cannot be counted
// on, the next acquire adds it again.
os::Result<void> MonitorManager::lost(MonitorSlot& slot, os::Error error) {
    slot.monitor.connection = nullptr;
    error.reaction = os::Reaction::reopen;
    return tl::unexpected(std::move(error));
}

os::Result<void> MonitorManager::re_arrive(MonitorSlot& slot, const Mode& mode,
                                           const StopSignal* stop) {
    const MonitorRequest old = slot.request;
    MonitorRequest asked = old;
    asked.mode = mode;
    if (auto removed =
            slot.monitor.connection->remove(slot.monitor.session_id, kControlTimeoutNs, stop);
        !removed) {
        return lost(slot, std::move(removed.error()));
    }
    slot.monitor.session_id = 0;
    const auto added = add(slot, asked, stop);
    if (added) {
        return {};
    }
    os::Error error = added.error();
    if (const auto rolled_back = add(slot, old, stop); rolled_back) {
        error.reaction = os::Reaction::reject;
        error.detail += "; " + to_string(old.mode) + " is back";
        return tl::unexpected(std::move(error));
    }
    error.detail += "; and " + to_string(old.mode) + " did not come back";
    return lost(slot, std::move(error));
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
    let_go(slot.monitor);
    removals_.send(&ending_);
    slot.state = SlotState::idle;
    slot.references = 0;
    ++slot.generation;
    slot.monitor = {};
}

void MonitorManager::let_go(Monitor& monitor) {
    if (monitor.session_id != 0) {
        remove_later(monitor.session_id, monitor.connection.get());
    }
    monitor.session_id = 0;
    monitor.connection = nullptr;
}

void MonitorManager::remove_later(std::uint64_t session_id, const DriverConnection* connection) {
    if (connection == nullptr || !connection->process_ended()) {
        removals_.add(session_id);
        wake_timer_.signal();
    }
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
    removals_.send(&ending_);
    for (const auto& slot : slots()) {
        std::unique_lock lock(slot->mutex, std::try_to_lock);
        if (!lock.owns_lock()) {
            continue;  // somebody is at it; the next tick comes soon
        }
        if (linger_is_over(slot->state, slot->linger_until_ns, now_ns)) {
            depart(*slot);
        } else if (readd_on_reconnect(slot->state) && !alive(*slot)) {
            if (device_->reopen(false, &ending_) && add(*slot, slot->request, &ending_)) {
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
                           slot->monitor.monitor_id, slot->references, slot->state, slot->pinned,
                           slot->monitor.mode});
        }
    }
    return all;
}

std::int64_t MonitorManager::next_tick_ns() const {
    std::int64_t next_ns = os::kNever;
    if (removals_.any()) {
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
