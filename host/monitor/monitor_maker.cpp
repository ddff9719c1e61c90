#include "monitor/monitor_maker.hpp"

#include <random>

#include <pf/host/errors.hpp>
#include <pf/proto/validate.hpp>

#include "monitor/granted_mode.hpp"
#include "monitor/monitor_policy.hpp"

namespace pf::host {
namespace {

// Session ids are ours alone: two hosts must not pick the same.
std::uint64_t first_session_id() {
    std::random_device random;
    return (std::uint64_t{random()} << 32 | random()) & ~std::uint64_t{0xFFFF};
}

std::uint64_t adapter_of(const proto::AddReply& reply) {
    return std::uint64_t{static_cast<std::uint32_t>(reply.adapter_luid_high)} << 32 |
           reply.adapter_luid_low;
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

MonitorMaker::MonitorMaker(std::shared_ptr<ControlDevice> device, const WedgePatience& wedge,
                           const os::Event& left_over)
    : device_(device),
      wedge_(wedge),
      left_over_(left_over),
      next_session_id_(first_session_id() + 1),
      removals_(std::move(device)) {}

os::Result<void> MonitorMaker::change_mode(SlotContent& slot, const Mode& mode,
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
os::Result<void> MonitorMaker::lost(SlotContent& slot, os::Error error) {
    slot.monitor.connection = nullptr;
    error.reaction = os::Reaction::reopen;
    return tl::unexpected(std::move(error));
}

os::Result<void> MonitorMaker::re_arrive(SlotContent& slot, const Mode& mode,
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

// Under a session id that was never used: what the driver still has queued from an earlier
// connection, or serves after its deadline, is about another monitor.
os::Result<void> MonitorMaker::add(SlotContent& slot, const MonitorRequest& request,
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
                            adapter_of(*reply),
                            reply->target_id,
                            reply->resolved_monitor_id,
                            reply->cursor_excluded != 0,
                            granted,
                            {request.max_nits, request.max_frame_avg_nits, request.min_millinits},
                            next_incarnation_++,
                            connection};
            return {};
        }
        const os::Error& error = reply.error();
        const bool not_found = error.code == proto::kStatusNotFound;
        const bool wedged = not_found && error.reaction == os::Reaction::retry;
        if (wedged && attempt < wedge_.attempts) {
            const std::int64_t until_ns = os::deadline_after(wedge_.pause_ns);
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
        remove_later(session_id, connection);  // nobody knows whether it was served
        return tl::unexpected(error);
    }
}

void MonitorMaker::let_go(Monitor& monitor) {
    if (monitor.session_id != 0) {
        remove_later(monitor.session_id,
                     monitor.added_through);  // without memory, it stays as it is
    }
    monitor.session_id = 0;
    monitor.connection = monitor.added_through = nullptr;
}

void MonitorMaker::remove_later(std::uint64_t session_id,
                                const std::shared_ptr<DriverConnection>& connection) {
    if (!connection->process_ended()) {
        removals_.add(session_id, connection);
        left_over_.signal();
    }
}

}  // namespace pf::host
