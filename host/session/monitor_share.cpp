#include "session/monitor_share.hpp"

#include <pf/host/errors.hpp>

namespace pf::host {
namespace {

MonitorRequest request_from(const SessionOptions& options) {
    return {.mode = options.mode,
            .client_id = options.client_id,
            .hw_cursor = options.hw_cursor,
            .max_nits = options.max_nits,
            .max_frame_avg_nits = options.max_frame_avg_nits,
            .min_millinits = options.min_millinits};
}

}  // namespace

MonitorShare::MonitorShare(SharedDisplays& displays, const SessionOptions& options,
                           std::shared_ptr<Attacher> attacher, const StopSignal& stop,
                           std::function<void(RebuildStep::What)> on_step)
    : displays_(displays),
      options_(options),
      attacher_(std::move(attacher)),
      stop_(stop),
      on_step_(std::move(on_step)),
      request_(request_from(options)) {}

os::Result<void> MonitorShare::establish(RebuildReason reason, bool any_instance) {
    auto attached = establish_once(reason, any_instance);
    if (!attached && !stop_.stopped()) {
        const os::Error& error = attached.error();
        const bool forgotten = error.code == proto::kStatusNotFound &&  // by the driver
                               error.reaction != os::Reaction::reject;
        const bool device_gone = error.reaction == os::Reaction::reopen && error.code != kNoDriver;
        if (const auto monitor = displays_.monitors().monitor(lease_, &stop_);
            forgotten && monitor) {
            displays_.monitors().invalidate(lease_, monitor->incarnation, &stop_);
        }
        if (forgotten || device_gone) {
            attached = establish_once(reason, any_instance);
        }
    }
    if (!attached) {
        return tl::unexpected(attached.error());
    }
    move_to(std::move(*attached));
    return {};
}

os::Result<Attached> MonitorShare::establish_once(RebuildReason reason, bool any_instance) {
    const auto connection = displays_.device().reopen(any_instance, &stop_);
    if (!connection) {
        return tl::unexpected(connection.error());
    }
    on_step_(RebuildStep::What::opened);
    auto lease = displays_.monitors().acquire(request_, &lease_, &stop_);
    if (!lease) {
        return tl::unexpected(lease.error());
    }
    lease_ = std::move(*lease);
    on_step_(RebuildStep::What::added);
    auto attached = attach(reason);
    if (attached && !cursor_apart_) {
        (void)tell_cursor((*attached)->monitor, false);
    }
    return attached;
}

os::Result<Attached> MonitorShare::attach(RebuildReason reason) {
    const auto monitor = displays_.monitors().monitor(lease_, &stop_);
    if (!monitor || monitor->connection == nullptr) {
        return os::fail("attach", kDriverLost, os::Reaction::reopen,
                        "the monitor was replaced meanwhile");
    }
    if (const auto told = tell_added(*monitor); !told) {
        return tl::unexpected(told.error());
    }
    return attacher_->attach({.monitor = *monitor,
                              .seen_epoch = attached_ == nullptr ? 0 : attached_->epoch,
                              .reason = reason,
                              .timeout_ns = options_.attach_timeout_ns,
                              .stop = stop_});
}

os::Result<void> MonitorShare::tell_added(const Monitor& monitor) {
    if (!options_.on_added || monitor.incarnation == told_incarnation_) {
        return {};
    }
    return options_.on_added({monitor.adapter, monitor.target_id}).map([&] {
        told_incarnation_ = monitor.incarnation;
    });
}

void MonitorShare::move_to(Attached attachment) {
    attached_ = std::move(attachment);
    request_.mode = attached_->monitor.mode;
}

os::Result<bool> MonitorShare::follow() {
    Attached newest = attacher_->current();
    if (newest == nullptr || newest->epoch == attached_->epoch) {
        return false;
    }
    request_.mode = newest->monitor.mode;
    if (!displays_.monitors().monitor(lease_, &stop_)) {
        auto lease = displays_.monitors().acquire(request_, &lease_, &stop_);
        if (!lease) {
            return tl::unexpected(lease.error());
        }
        lease_ = std::move(*lease);
    }
    move_to(std::move(newest));
    return true;
}

ModeChange MonitorShare::change_mode(const Mode& mode) {
    const Mode old = request_.mode;
    if (mode == old) {
        return {};
    }
    MonitorManager& monitors = displays_.monitors();
    ModeChange change{.result = monitors.resize(lease_, mode, &stop_)};
    const auto monitor = monitors.monitor(lease_, &stop_);
    if (!change.result && monitor && monitor->connection != nullptr &&
        monitor->incarnation == attached_->monitor.incarnation) {
        return change;  // nothing happened to the monitor
    }
    const bool unanswered =
        !change.result && change.result.error().code == os::DeviceChannel::kTimeout;
    auto attached = attach(RebuildReason::mode_changed);
    if (!attached && change.result) {
        change.result = tl::unexpected(attached.error());
        (void)monitors.resize(lease_, old, &stop_);
        attached = attach(RebuildReason::mode_changed);
    }
    if (attached) {
        move_to(std::move(*attached));
        change.moved = true;
    } else {
        change.lost = unanswered ? RebuildReason::driver_unresponsive : RebuildReason::ring_lost;
    }
    return change;
}

os::Result<void> MonitorShare::forward_cursor(bool apart) {
    if (attached_->cursor == nullptr) {
        return os::fail("set_hw_cursor", proto::kStatusNotSupported, os::Reaction::fallback,
                        "the session has no cursor channel: it was opened without hw_cursor, or "
                        "the driver has none");
    }
    auto done = tell_cursor(attached_->monitor, apart);
    if (done) {
        cursor_apart_ = apart;
    }
    return done;
}

os::Result<void> MonitorShare::tell_cursor(const Monitor& monitor, bool apart) {
    return monitor.connection->set_cursor_forward(
        {.target_id = monitor.target_id, .enable = apart ? 1u : 0u}, &stop_);
}

void MonitorShare::note(const Finding& finding) {
    if (finding.size) {
        request_.mode.width = finding.size->width;
        request_.mode.height = finding.size->height;
        displays_.monitors().adopt_size(lease_, finding.size->width, finding.size->height, &stop_);
    }
    if (finding.add_again) {
        displays_.monitors().invalidate(lease_, attached_->monitor.incarnation, &stop_);
    }
}

}  // namespace pf::host
