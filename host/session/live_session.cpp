#include "session/live_session.hpp"

#include <algorithm>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>

#include "session/attach_verdict.hpp"
#include "want_of_memory.hpp"

namespace pf::host {
namespace {

constexpr std::int64_t kContendedLookNs = os::kMillisecond;
constexpr std::int64_t kMinSliceNs = 10 * os::kMillisecond;
constexpr std::int64_t kMemoryRestNs = 10 * os::kMillisecond;

MonitorRequest request_from(const SessionOptions& options) {
    return {.mode = options.mode,
            .client_id = options.client_id,
            .hw_cursor = options.hw_cursor,
            .max_nits = options.max_nits,
            .max_frame_avg_nits = options.max_frame_avg_nits,
            .min_millinits = options.min_millinits};
}

AttemptFailure failure_of(const os::Error& error) {
    if (error.code == kNoDriver) {
        return AttemptFailure::no_driver;
    }
    // Everything else may pass: a driver that restarts is not whole at once, and one that gives
    // another pixel format today may be replaced by one that gives ours.
    return error.code == proto::kStatusInvalidParameter ? AttemptFailure::final
                                                        : AttemptFailure::failed;
}

os::Error display_off(const Monitor& monitor) {
    const std::string id = std::to_string(monitor.monitor_id);
    return {"capture", kDisplayOff, os::Reaction::retry,
            "another program switched monitor " + id + " of '" + monitor.connection->instance() +
                "' off (on an X server it is the output DUMMY" + id +
                "); switch it on there (xrandr --output DUMMY" + id +
                " --auto), or open the display again"};
}

}  // namespace

std::string_view to_string(RebuildReason reason) {
    switch (reason) {
        case RebuildReason::driver_died: return "driver died";
        case RebuildReason::driver_unresponsive: return "driver unresponsive";
        case RebuildReason::device_gone: return "device gone";
        case RebuildReason::ring_lost: return "ring lost";
        case RebuildReason::mode_changed: break;
    }
    return "mode changed";
}

LiveSession::LiveSession(std::shared_ptr<SharedDisplays> displays, const SessionOptions& options,
                         os::Flag wake, ReaderPlace place)
    : displays_(std::move(displays)),
      options_(options),
      stop_(std::move(wake), options.cancel),
      request_(request_from(options)),
      place_(std::move(place)),
      follower_(options.policy, options.attach_timeout_ns) {}

os::Result<std::unique_ptr<Session>> LiveSession::open(std::shared_ptr<SharedDisplays> displays,
                                                       const SessionOptions& options) {
    auto wake = os::Flag::create();
    if (!wake) {
        return tl::unexpected(wake.error());
    }
    auto place = RingReader::new_place();
    if (!place) {
        return tl::unexpected(place.error());
    }
    auto feed = displays->feed_for(options.client_id, options.format);
    if (!feed) {
        return tl::unexpected(feed.error());
    }
    std::unique_ptr<LiveSession> session(
        new LiveSession(std::move(displays), options, std::move(*wake), std::move(*place)));
    session->feed_ = std::move(*feed);
    const std::int64_t begun_ns = os::now_ns();
    auto attached = session->establish(RebuildReason::mode_changed, false);
    if (!attached) {
        return tl::unexpected(attached.error());
    }
    session->move_to(std::move(*attached));
    if (session->attached_->attached_ns < begun_ns) {
        session->attached_->reader->join(session->place_);
    }
    return session;
}

LiveSession::~LiveSession() {
    close();
}

os::Result<LiveSession::Attached> LiveSession::establish(RebuildReason reason, bool any_instance) {
    auto attached = establish_once(reason, any_instance);
    if (attached || stop_.stopped()) {
        return attached;
    }
    const os::Error& error = attached.error();
    if (error.code == proto::kStatusNotFound && error.reaction != os::Reaction::reject) {
        displays_->monitors().invalidate(lease_);  // the driver forgot the monitor
    } else if (error.reaction != os::Reaction::reopen || error.code == kNoDriver) {
        return attached;
    }
    return establish_once(reason, any_instance);
}

os::Result<LiveSession::Attached> LiveSession::establish_once(RebuildReason reason,
                                                              bool any_instance) {
    const auto connection = displays_->device().reopen(any_instance, &stop_);
    if (!connection) {
        return tl::unexpected(connection.error());
    }
    auto lease = displays_->monitors().acquire(request_, &lease_, &stop_);
    if (!lease) {
        return tl::unexpected(lease.error());
    }
    lease_ = std::move(*lease);
    return attach(reason);
}

os::Result<LiveSession::Attached> LiveSession::attach(RebuildReason reason) {
    const auto monitor = displays_->monitors().monitor(lease_);
    if (!monitor || monitor->connection == nullptr) {
        return os::fail("attach", kDriverLost, os::Reaction::reopen,
                        "the monitor was replaced meanwhile");
    }
    return feed_->attach({.monitor = *monitor,
                          .seen_epoch = attached_ == nullptr ? 0 : attached_->epoch,
                          .reason = reason,
                          .timeout_ns = options_.attach_timeout_ns,
                          .stop = stop_});
}

void LiveSession::move_to(Attached attachment) {
    if (attached_ != nullptr) {
        dropped_before_ += attached_->reader->driver_words().dropped;
    }
    {
        const std::lock_guard lock(mutex_);
        attached_ = std::move(attachment);
    }
    place_.any_taken = false;
    place_.last_seq = place_.joined_after = 0;
    place_.seen_word = place_.refused_word = 0;
    request_.mode = attached_->monitor.mode;
    frames_at_attach_ = place_.frames;
    contended_ = false;
    heartbeat_.restart(os::now_ns());
    refresh_stats();
}

// A step that finds no memory is a frame that does not come: it is tried again by the next call.
os::Result<Next> LiveSession::next(std::int64_t deadline_ns) {
    try {
        return next_step(deadline_ns);
    } catch (const std::bad_alloc&) {
        os::sleep_until(std::min(deadline_ns, os::deadline_after(kMemoryRestNs)));
        return Next{.kind = NextKind::timeout};
    }
}

os::Result<Next> LiveSession::next_step(std::int64_t deadline_ns) {
    for (;;) {
        if (stop_.stopped()) {
            return Next{.kind = NextKind::closed};
        }
        if (failed_) {
            return tl::unexpected(*failed_);
        }
        if (rebuild_) {
            if (auto turn = rebuild_turn(deadline_ns)) {
                return std::move(*turn);
            }
            continue;
        }
        if (pending_) {
            return *std::exchange(pending_, std::nullopt);
        }
        if (auto moved = follow_the_feed()) {
            return std::move(*moved);
        }
        if (auto frame = take()) {
            return std::move(*frame);
        }
        const std::int64_t now_ns = os::now_ns();
        if (const auto reason = loss(now_ns)) {
            begin_rebuild(*reason, now_ns);
            continue;
        }
        if (failed_) {
            continue;
        }
        if (now_ns >= deadline_ns) {
            refresh_stats();
            return Next{.kind = NextKind::timeout};
        }
        wait_for_frame(deadline_ns, now_ns);
    }
}

std::optional<Next> LiveSession::take() {
    Next next{.kind = NextKind::frame};
    const Take took = attached_->reader->take(place_, next.frame);
    contended_ = took == Take::contended;
    if (took != Take::frame) {
        return std::nullopt;
    }
    last_frame_ns_ = next.frame.view().times.leased_ns;
    refresh_stats();
    return next;
}

// Another session on this monitor rebuilt it or changed its mode: go where it went.
std::optional<Next> LiveSession::follow_the_feed() {
    Attached newest = feed_->current();
    if (newest == nullptr || newest->epoch == attached_->epoch) {
        return std::nullopt;
    }
    const std::int64_t noticed_ns = os::now_ns();
    request_.mode = newest->monitor.mode;
    if (!displays_->monitors().monitor(lease_)) {
        auto lease = displays_->monitors().acquire(request_, &lease_, &stop_);
        if (!lease) {
            begin_rebuild(RebuildReason::device_gone, noticed_ns);
            return std::nullopt;
        }
        lease_ = std::move(*lease);
    }
    const RebuildReason reason = newest->reason;
    move_to(std::move(newest));
    return rebuilt(reason, noticed_ns);
}

std::optional<RebuildReason> LiveSession::loss(std::int64_t now_ns) {
    const DriverConnection& driver = *attached_->monitor.connection;
    if (driver.process_ended() && !driver.process().is_behind_connection()) {
        return RebuildReason::driver_died;
    }
    if (!driver.usable()) {
        return RebuildReason::device_gone;
    }
    const DriverWords words = attached_->reader->driver_words();
    if (words.dead) {
        // It has no picture for us any more: only adding the monitor again can tell why.
        displays_->monitors().invalidate(lease_, attached_->monitor.incarnation);
        return RebuildReason::ring_lost;
    }
    if (attach_state(words.status) != AttachState::opened) {
        return RebuildReason::ring_lost;
    }
    if (const auto reason = follow_source(words, now_ns); reason || failed_) {
        return reason;
    }
    const bool nothing_came = place_.frames == frames_at_attach_ &&
                              now_ns - attached_->attached_ns >= options_.attach_timeout_ns;
    if (nothing_came && every_frame_mismatched(words.detail)) {
        return mismatch(words.detail);
    }
    return silence(now_ns, words);
}

// The mode that somebody else set is not changed back: the monitor is theirs too.
std::optional<RebuildReason> LiveSession::follow_source(const DriverWords& words,
                                                        std::int64_t now_ns) {
    const proto::RingGeometry& ring = attached_->reader->ring().geometry();
    switch (follower_.look(words.source, ring.width, ring.height, now_ns)) {
        case SourceStep::stay: break;
        case SourceStep::follow:
            request_.mode.width = words.source.width;
            request_.mode.height = words.source.height;
            displays_->monitors().adopt_size(lease_, words.source.width, words.source.height);
            return RebuildReason::mode_changed;
        case SourceStep::end: failed_ = display_off(attached_->monitor); break;
    }
    return std::nullopt;
}

// Adding the monitor again brings its mode back. Where that did not help, the driver's pictures are
// of another kind than asked for, and stay so.
std::optional<RebuildReason> LiveSession::mismatch(std::uint32_t detail) {
    if (mismatched_at_ == place_.frames) {
        failed_ = os::Error{"capture", kAttachFailed, os::Reaction::reject,
                            why_no_frame(detail) + "; ask for another pixel format or mode"};
        refresh_stats();
        return std::nullopt;
    }
    mismatched_at_ = place_.frames;
    displays_->monitors().invalidate(lease_);
    return RebuildReason::ring_lost;
}

std::optional<RebuildReason> LiveSession::silence(std::int64_t now_ns, const DriverWords& words) {
    heartbeat_.look(words.heartbeat, now_ns);
    const DriverConnection& driver = *attached_->monitor.connection;
    switch (liveness({.now_ns = now_ns,
                      .unresponsive_after_ns = options_.unresponsive_after_ns,
                      .has_heartbeat = heartbeat_.beats(),
                      .heartbeat_seen_ns = heartbeat_.seen_ns(),
                      .last_answer_ns = driver.last_answer_ns(),
                      .failing_since_ns = driver.failing_since_ns()})) {
        case Liveness::alive: return std::nullopt;
        case Liveness::doubtful: displays_->device().probe(); return std::nullopt;
        case Liveness::loop_stuck:
            displays_->monitors().invalidate(lease_);
            return RebuildReason::ring_lost;
        case Liveness::unresponsive: break;
    }
    return RebuildReason::driver_unresponsive;
}

// In slices, so that a driver that stands still is noticed in a long wait too.
void LiveSession::wait_for_frame(std::int64_t deadline_ns, std::int64_t now_ns) {
    const std::int64_t slice_ns =
        contended_ ? kContendedLookNs : std::max(options_.unresponsive_after_ns / 8, kMinSliceNs);
    attached_->reader->wait(place_, &attached_->monitor.connection->process(), stop_.cancel(),
                            std::min(deadline_ns, now_ns + slice_ns));
}

void LiveSession::begin_rebuild(RebuildReason reason, std::int64_t noticed_ns) {
    rebuilds_in_a_row_ = rebuilds_in_a_row(rebuilds_in_a_row_, last_rebuilt_ns_, last_frame_ns_);
    rebuild_ = Rebuild{.reason = reason,
                       .progress = {.noticed_ns = noticed_ns},
                       .next_attempt_ns = noticed_ns,
                       .last_error = {}};
    const bool nothing_lost = reason == RebuildReason::mode_changed;
    if (reason != RebuildReason::ring_lost && !nothing_lost) {
        displays_->device().retire(attached_->monitor.connection);
    }
    if (nothing_lost) {
        refresh_stats();  // the follower keeps these few
        return;
    }
    if (!may_rebuild(options_.policy, rebuilds_in_a_row_)) {
        rebuild_->last_error =
            "that was rebuild number " + std::to_string(rebuilds_in_a_row_ + 1) + " in a row";
        give_up(*rebuild_);
        return;
    }
    ++rebuilds_in_a_row_;
    ++rebuilds_;
    refresh_stats();
    if (options_.on_rebuild) {
        options_.on_rebuild(reason, attached_->monitor.connection->process().pid());
    }
}

std::optional<Next> LiveSession::rebuild_turn(std::int64_t deadline_ns) {
    const std::int64_t now_ns = os::now_ns();
    if (now_ns < rebuild_->next_attempt_ns) {
        if (now_ns >= deadline_ns) {
            return Next{.kind = NextKind::timeout};
        }
        stop_.wait_until(std::min(deadline_ns, rebuild_->next_attempt_ns));
        return std::nullopt;
    }
    const bool any_instance =
        any_instance_will_do(options_.policy, now_ns - rebuild_->progress.noticed_ns);
    auto attached = establish(rebuild_->reason, any_instance);
    if (!attached) {
        attempt_failed(attached.error());
        return std::nullopt;
    }
    const Rebuild done = *std::exchange(rebuild_, std::nullopt);
    move_to(std::move(*attached));
    return rebuilt(done.reason, done.progress.noticed_ns);
}

void LiveSession::attempt_failed(const os::Error& error) {
    const AttemptFailure failure = failure_of(error);
    rebuild_->last_error = error.message();
    rebuild_->progress.failed_attempts += failure == AttemptFailure::failed ? 1 : 0;
    const NextAttempt next =
        next_attempt(options_.policy, rebuild_->progress, failure, os::now_ns());
    if (!next.give_up) {
        rebuild_->next_attempt_ns = next.at_ns;
    } else if (failure == AttemptFailure::final) {
        failed_ = error;
    } else {
        give_up(*rebuild_);
    }
    refresh_stats();
}

void LiveSession::give_up(const Rebuild& rebuild) {
    const auto waited_ms = (os::now_ns() - rebuild.progress.noticed_ns) / os::kMillisecond;
    failed_ = os::Error{"rebuild", kDriverLost, os::Reaction::reopen,
                        std::string(to_string(rebuild.reason)) + " on '" +
                            attached_->monitor.connection->instance() + "', given up after " +
                            std::to_string(waited_ms) +
                            " ms; start the driver again; last: " + rebuild.last_error};
}

Next LiveSession::rebuilt(RebuildReason reason, std::int64_t noticed_ns) {
    last_rebuilt_ns_ = last_frame_ns_ = os::now_ns();
    return Next{.kind = NextKind::rebuilt,
                .frame = {},
                .reason = reason,
                .recovery_ns = last_rebuilt_ns_ - noticed_ns};
}

os::Result<void> LiveSession::resize(const Mode& mode) {
    return told_without_memory("resize", [&] { return change_mode(mode); });
}

os::Result<void> LiveSession::change_mode(const Mode& mode) {
    if (rebuild_ || failed_ || stop_.stopped()) {
        return os::fail(
            "resize", kDriverLost, os::Reaction::retry,
            "the driver is away at the moment; the mode stays " + to_string(request_.mode));
    }
    const std::int64_t begun_ns = os::now_ns();
    const Mode old = request_.mode;
    if (mode == old) {
        return {};
    }
    MonitorManager& monitors = displays_->monitors();
    auto resized = monitors.resize(lease_, mode, &stop_);
    const auto monitor = monitors.monitor(lease_);
    if (!resized && monitor && monitor->connection != nullptr &&
        monitor->incarnation == attached_->monitor.incarnation) {
        return resized;  // nothing happened to the monitor
    }
    const bool unanswered = !resized && resized.error().code == os::DeviceChannel::kTimeout;
    auto attached = attach(RebuildReason::mode_changed);
    if (!attached && resized) {
        resized = tl::unexpected(attached.error());
        (void)monitors.resize(lease_, old, nullptr);
        attached = attach(RebuildReason::mode_changed);
    }
    if (attached) {
        move_to(std::move(*attached));
        pending_ = rebuilt(RebuildReason::mode_changed, begun_ns);
    } else {
        begin_rebuild(unanswered ? RebuildReason::driver_unresponsive : RebuildReason::ring_lost,
                      begun_ns);
    }
    return resized;
}

void LiveSession::close() {
    stop_.stop();
    std::shared_ptr<RingReader> reader;
    {
        const std::lock_guard lock(mutex_);
        if (attached_ != nullptr) {
            reader = attached_->reader;
        }
    }
    if (reader != nullptr) {
        reader->interrupt();
    }
}

std::optional<Cursor> LiveSession::cursor() {
    std::shared_ptr<CursorReader> reader;
    {
        const std::lock_guard lock(mutex_);
        reader = attached_->cursor;
    }
    std::optional<Cursor> cursor;
    despite_want_of_memory([&] {
        if (reader != nullptr) {
            cursor = reader->read();
        }
    });
    return cursor;
}

void LiveSession::refresh_stats() {
    const Monitor& monitor = attached_->monitor;
    const DriverWords words = attached_->reader->driver_words();
    const std::uint64_t dropped = dropped_before_ + words.dropped;
    std::string no_frame =
        place_.frames == frames_at_attach_ ? no_frame_reason(words) : std::string();
    const std::lock_guard lock(mutex_);
    stats_.no_frame = std::move(no_frame);
    stats_.frames = place_.frames;
    stats_.skipped = place_.skipped;
    stats_.dropped = dropped;
    stats_.stale = place_.stale;
    stats_.rejected = place_.rejected;
    stats_.rebuilds = rebuilds_;
    stats_.rebuilding = rebuild_ ? std::optional<RebuildReason>(rebuild_->reason) : std::nullopt;
    stats_.cursor_channel = attached_->cursor != nullptr;
    stats_.protocol = monitor.connection->protocol();
    stats_.driver_pid = monitor.connection->process().pid();
    stats_.target_id = monitor.target_id;
    stats_.monitor_id = monitor.monitor_id;
    stats_.mode = monitor.mode;
    if (stats_.instance != monitor.connection->instance()) {
        stats_.instance = monitor.connection->instance();
    }
}

std::string LiveSession::no_frame_reason(const DriverWords& words) const {
    if (failed_) {
        return failed_->detail;
    }
    if (rebuild_) {
        return std::string(to_string(rebuild_->reason)) + ", and it is not back" +
               (rebuild_->last_error.empty() ? "" : ": " + rebuild_->last_error);
    }
    return why_no_frame(words.detail);
}

SessionStats LiveSession::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

}  // namespace pf::host
