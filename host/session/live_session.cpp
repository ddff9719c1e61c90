#include "session/live_session.hpp"

#include <algorithm>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>

#include "session/attach_verdict.hpp"
#include "want_of_memory.hpp"

namespace pf::host {
namespace {

constexpr std::int64_t kContendedLookNs = os::kMillisecond;
constexpr std::int64_t kMemoryRestNs = 10 * os::kMillisecond;

std::string no_frame_reason(const SessionTask::Published& task, const DriverWords& words) {
    if (task.failed) {
        return task.failed->detail;
    }
    if (task.rebuilding) {
        return std::string(to_string(*task.rebuilding)) + ", and it is not back" +
               (task.last_error.empty() ? "" : ": " + task.last_error);
    }
    return why_no_frame(words.detail);
}

// The driver tells something that only the task can deal with.
bool is_news(const DriverWords& now, const DriverWords& before) {
    return now.dead != before.dead || now.status != before.status ||
           now.source.width != before.source.width || now.source.height != before.source.height ||
           now.source.switched_off != before.source.switched_off;
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

std::string_view to_string(RebuildStep::What what) {
    switch (what) {
        case RebuildStep::What::noticed: return "noticed";
        case RebuildStep::What::opened: return "opened";
        case RebuildStep::What::added: return "added";
        case RebuildStep::What::attached: return "attached";
        case RebuildStep::What::failed: return "failed";
        case RebuildStep::What::given_up: break;
    }
    return "given up";
}

LiveSession::LiveSession(std::shared_ptr<SharedDisplays> displays,
                         std::shared_ptr<Attacher> attacher, const SessionOptions& options,
                         os::Flag stop, ReadPosition position)
    : displays_(std::move(displays)),
      attacher_(std::move(attacher)),
      options_(options),
      stop_(std::move(stop), options.cancel),
      position_(std::move(position)) {}

os::Result<std::unique_ptr<Session>> LiveSession::open(std::shared_ptr<SharedDisplays> displays,
                                                       const SessionOptions& options) {
    auto stop = os::Flag::create();
    if (!stop) {
        return tl::unexpected(stop.error());
    }
    auto position = RingReader::new_position();
    if (!position) {
        return tl::unexpected(position.error());
    }
    auto attacher = displays->attacher_for(options.client_id, options.format);
    if (!attacher) {
        return tl::unexpected(attacher.error());
    }
    std::unique_ptr<LiveSession> session(new LiveSession(std::move(displays), std::move(*attacher),
                                                         options, std::move(*stop),
                                                         std::move(*position)));
    const std::int64_t begun_ns = os::now_ns();
    auto task = SessionTask::start({.displays = session->displays_,
                                    .attacher = session->attacher_,
                                    .options = session->options_,
                                    .stop = session->stop_,
                                    .progress = session->progress_,
                                    .news = session->position_.wake});
    if (!task) {
        return tl::unexpected(task.error());
    }
    session->task_ = std::move(*task);
    session->move_to(session->task_->published().attached);
    if (session->attached_->attached_ns < begun_ns) {
        session->attached_->reader->join(session->position_);
    }
    return session;
}

LiveSession::~LiveSession() {
    close();
    task_.reset();
    if (wait_handle_) {
        attached_->reader->leave(position_);
    }
}

// A frame that finds no memory is one that does not come: the next call tries again.
os::Result<Next> LiveSession::next(std::int64_t deadline_ns) {
    try {
        return next_step(deadline_ns);
    } catch (const std::bad_alloc&) {
        stop_.wait_until(std::min(deadline_ns, os::deadline_after(kMemoryRestNs)));
        wake_waiter();
        return Next{.kind = NextKind::timeout};
    }
}

os::Result<Next> LiveSession::next_step(std::int64_t deadline_ns) {
    for (;;) {
        if (wait_handle_) {  // what comes from now on signals anew
            position_.wake.clear();
            attached_->reader->take_signal(position_);
            wait_handle_.settle();
        }
        if (auto something = news()) {
            wake_waiter();  // there may be more
            return std::move(*something);
        }
        if (os::now_ns() >= deadline_ns) {
            if (contended_ && !no_ring_) {
                wake_waiter();  // for the frame that is there, and could not be had yet
            }
            return Next{.kind = NextKind::timeout};
        }
        wait(deadline_ns);
    }
}

// Its signals have been taken, and not all that they told of.
void LiveSession::wake_waiter() {
    if (wait_handle_) {
        position_.wake.signal();
    }
}

// What there is to tell now.
std::optional<os::Result<Next>> LiveSession::news() {
    if (stop_.stopped()) {
        return Next{.kind = NextKind::closed};
    }
    if (task_->version() != seen_version_) {
        learn();
    }
    if (failed_) {
        return tl::unexpected(*failed_);
    }
    if (const auto moved = std::exchange(moved_, std::nullopt)) {
        return Next{.kind = NextKind::rebuilt,
                    .frame = {},
                    .reason = moved->reason,
                    .recovery_ns = moved->recovery_ns};
    }
    no_ring_ = rebuilding_ || others_moved();
    if (!no_ring_) {
        if (auto frame = take()) {
            return std::move(*frame);
        }
        if (pointer_changed()) {
            return Next{.kind = NextKind::cursor};
        }
    }
    if (woken_.exchange(false)) {
        return Next{.kind = NextKind::woken};
    }
    return std::nullopt;
}

void LiveSession::learn() {
    const std::uint64_t version = task_->version();
    SessionTask::Published task = task_->take();
    rebuilding_ = task.rebuilding.has_value();
    failed_ = std::move(task.failed);
    if (task.moved) {
        moved_ = task.moved;
    }
    if (task.attached != attached_) {
        move_to(std::move(task.attached));
    }
    seen_version_ = version;
}

void LiveSession::move_to(Attached attached) {
    if (wait_handle_ && attached_ != nullptr) {
        wait_handle_.forget(attached_->reader->event());
        attached_->reader->leave(position_);
    }
    attached_ = std::move(attached);
    if (wait_handle_) {
        // Without room for it the ring's frames wake nobody: what else comes still does.
        (void)wait_handle_.watch(attached_->reader->event());
        attached_->reader->attend(position_);
    }
    position_.any_taken = false;
    position_.last_seq = position_.joined_after = 0;
    position_.seen_word = position_.refused_word = 0;
    contended_ = false;
    seen_words_ = attached_->reader->driver_words();
    seen_pointer_ = 0;
}

std::optional<Next> LiveSession::take() {
    Next next{.kind = NextKind::frame};
    const Take took = attached_->reader->take(position_, next.frame);
    contended_ = took == Take::contended;
    const bool is_frame = took == Take::frame;
    if (is_frame) {
        progress_.frames.store(position_.frames);
        progress_.epoch.store(attached_->epoch);
    } else {
        watch_driver_words();
    }
    {
        const std::lock_guard lock(mutex_);
        counters_ = {position_.frames, position_.skipped, position_.stale, position_.rejected};
    }
    return is_frame ? std::optional(std::move(next)) : std::nullopt;
}

bool LiveSession::pointer_changed() {
    if (!options_.cursor_events || attached_->cursor == nullptr) {
        return false;
    }
    const std::uint32_t version = attached_->cursor->version();
    const bool whole = version % 2 == 0;  // the driver's next wake-up follows
    return whole && std::exchange(seen_pointer_, version) != version;
}

// Another session on this monitor rebuilt it or changed its mode: this ring ends.
bool LiveSession::others_moved() {
    const Attached newest = attacher_->current();
    if (newest == nullptr || newest->epoch == attached_->epoch) {
        return false;
    }
    if (std::exchange(asked_epoch_, newest->epoch) != newest->epoch) {
        task_->check_now();
    }
    return true;
}

void LiveSession::watch_driver_words() {
    const DriverWords words = attached_->reader->driver_words();
    if (is_news(words, seen_words_)) {
        seen_words_ = words;
        task_->check_now();
    }
}

void LiveSession::wait(std::int64_t deadline_ns) {
    if (no_ring_) {
        stop_.wait_until(deadline_ns, &position_.wake);
        return;
    }
    const std::int64_t until_ns =
        contended_ ? std::min(deadline_ns, os::deadline_after(kContendedLookNs)) : deadline_ns;
    attached_->reader->wait(position_, stop_.cancel(), until_ns);
}

os::Result<void> LiveSession::resize(const Mode& mode) {
    return told_without_memory("resize", [&] { return task_->resize(mode); });
}

void LiveSession::wake() {
    woken_.store(true);
    position_.wake.signal();
}

os::Result<os::Handle::Native> LiveSession::wait_handle() {
    if (!wait_handle_) {
        auto made = os::WaitHandle::create();
        if (!made) {
            return tl::unexpected(made.error());
        }
        for (auto watched :
             {made->watch(position_.wake), made->watch(stop_.flag()),
              stop_.cancel() != nullptr ? made->watch(*stop_.cancel()) : os::Result<void>{},
              made->watch(attached_->reader->event())}) {
            if (!watched) {
                return tl::unexpected(watched.error());
            }
        }
        attached_->reader->attend(position_);
        wait_handle_ = std::move(*made);
        position_.wake.signal();  // what is there already
    }
    return wait_handle_.handle().native();
}

void LiveSession::close() {
    stop_.stop();
    position_.wake.signal();
}

std::optional<Cursor> LiveSession::cursor() {
    std::optional<Cursor> cursor;
    despite_want_of_memory([&] {
        if (const auto reader = task_->published().attached->cursor) {
            cursor = reader->read();
        }
    });
    return cursor;
}

os::Result<void> LiveSession::set_hw_cursor(bool apart) {
    return told_without_memory("set_hw_cursor", [&] { return task_->forward_cursor(apart); });
}

SessionStats LiveSession::stats() const {
    const SessionTask::Published task = task_->published();
    const Monitor& monitor = task.attached->monitor;
    const DriverWords words = task.attached->reader->driver_words();
    Counters counters;
    {
        const std::lock_guard lock(mutex_);
        counters = counters_;
    }
    const bool any_here = progress_.epoch.load() == task.attached->epoch;
    return {.frames = counters.frames,
            .skipped = counters.skipped,
            .dropped = task.dropped_before + words.dropped,
            .stale = counters.stale,
            .rejected = counters.rejected,
            .rebuilds = task.rebuilds,
            .rebuilding = task.rebuilding,
            .no_frame = any_here ? std::string() : no_frame_reason(task, words),
            .cursor_channel = task.attached->cursor != nullptr,
            .protocol = monitor.connection->protocol(),
            .driver_pid = monitor.connection->process().pid(),
            .adapter = monitor.adapter,
            .target_id = monitor.target_id,
            .monitor_id = monitor.monitor_id,
            .instance = monitor.connection->instance(),
            .mode = monitor.mode};
}

}  // namespace pf::host
