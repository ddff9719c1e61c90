#include "session/loss_watch.hpp"

#include <string>

#include <pf/host/errors.hpp>

#include "session/attach_verdict.hpp"

namespace pf::host {
namespace {

Finding lost(RebuildReason reason, bool add_again = false) {
    return {.kind = Finding::Kind::lost, .reason = reason, .add_again = add_again};
}

Finding end(os::Error error) {
    return {.kind = Finding::Kind::end, .error = std::move(error)};
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

Finding LossWatch::judge(const Attachment& attached, std::uint64_t frames, bool any_here,
                         std::int64_t now_ns) {
    const DriverConnection& driver = *attached.monitor.connection;
    if (driver.process_ended() && !driver.process().is_behind_connection()) {
        return lost(RebuildReason::driver_died);
    }
    if (!driver.usable()) {
        return lost(RebuildReason::device_gone);
    }
    const DriverWords words = attached.reader->driver_words();
    if (words.dead) {
        // It has no picture for us any more: only adding the monitor again can tell why.
        return lost(RebuildReason::ring_lost, true);
    }
    if (attach_state(words.status) != AttachState::opened) {
        return lost(RebuildReason::ring_lost);
    }
    if (Finding followed = follow_source(attached, words, now_ns);
        followed.kind != Finding::Kind::well) {
        return followed;
    }
    const bool nothing_came =
        !any_here && now_ns - attached.attached_ns >= options_.attach_timeout_ns;
    if (nothing_came && every_frame_mismatched(words.detail)) {
        return mismatch(words.detail, frames);
    }
    return silence(driver, words, now_ns);
}

// The mode that somebody else set is not changed back: the monitor is theirs too.
Finding LossWatch::follow_source(const Attachment& attached, const DriverWords& words,
                                 std::int64_t now_ns) {
    const proto::RingGeometry& ring = attached.reader->ring().geometry();
    switch (follower_.observe(words.source, ring.width, ring.height, now_ns)) {
        case SourceStep::stay: break;
        case SourceStep::follow: {
            Finding followed = lost(RebuildReason::mode_changed);
            followed.size = words.source;
            return followed;
        }
        case SourceStep::end: return end(display_off(attached.monitor));
    }
    return {};
}

// Adding the monitor again brings its mode back. Where that did not help, the driver's pictures are
// of another kind than asked for, and stay so.
Finding LossWatch::mismatch(std::uint32_t detail, std::uint64_t frames) {
    if (mismatched_at_ == frames) {
        return end({"capture", kAttachFailed, os::Reaction::reject,
                    why_no_frame(detail) + "; ask for another pixel format or mode"});
    }
    mismatched_at_ = frames;
    return lost(RebuildReason::ring_lost, true);
}

Finding LossWatch::silence(const DriverConnection& driver, const DriverWords& words,
                           std::int64_t now_ns) {
    heartbeat_.observe(words.heartbeat, now_ns);
    switch (liveness({.now_ns = now_ns,
                      .unresponsive_after_ns = options_.unresponsive_after_ns,
                      .has_heartbeat = heartbeat_.beats(),
                      .heartbeat_seen_ns = heartbeat_.seen_ns(),
                      .last_answer_ns = driver.last_answer_ns(),
                      .failing_since_ns = driver.failing_since_ns()})) {
        case Liveness::alive: break;
        case Liveness::doubtful: return {.kind = Finding::Kind::ask};
        case Liveness::loop_stuck: return lost(RebuildReason::ring_lost, true);
        case Liveness::unresponsive: return lost(RebuildReason::driver_unresponsive);
    }
    return {};
}

}  // namespace pf::host
