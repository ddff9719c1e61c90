#include "session/session_task.hpp"

#include <algorithm>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>

#include "want_of_memory.hpp"

namespace pf::host {
namespace {

constexpr std::int64_t kMinLookNs = 10 * os::kMillisecond;
constexpr std::int64_t kMemoryRestNs = 10 * os::kMillisecond;

AttemptFailure failure_of(const os::Error& error) {
    if (error.code == kNoDriver) {
        return AttemptFailure::no_driver;
    }
    // Everything else may pass: a driver that restarts is not whole at once, and one that gives
    // another pixel format today may be replaced by one that gives ours.
    return error.code == proto::kStatusInvalidParameter ? AttemptFailure::final
                                                        : AttemptFailure::failed;
}

os::Error closed() {
    return {"session", kClosed, os::Reaction::retry, "closed meanwhile"};
}

}  // namespace

SessionTask::SessionTask(const Context& context, os::Event wanted)
    : context_(context),
      options_(context.options),
      stop_(context.stop),
      wanted_(std::move(wanted)),
      share_(*context.displays, context.options, context.attacher, context.stop),
      watch_(context.options) {}

os::Result<std::unique_ptr<SessionTask>> SessionTask::start(const Context& context) {
    auto wanted = os::Event::create();
    if (!wanted) {
        return tl::unexpected(wanted.error());
    }
    std::unique_ptr<SessionTask> task(new SessionTask(context, std::move(*wanted)));
    auto thread = os::GuardedThread::start(
        "pf session", [raw = task.get()] { raw->run(); },
        [raw = task.get()](const os::Error& error) {
            raw->fail(error);
            raw->finish();
        });
    if (!thread) {
        return tl::unexpected(thread.error());
    }
    task->thread_ = std::move(*thread);
    std::unique_lock lock(task->mutex_);
    task->answered_.wait(lock, [&] { return task->opened_ || task->ended_; });
    const os::Result<void> opened = task->opened_.value_or(tl::unexpected(closed()));
    lock.unlock();
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    return task;
}

SessionTask::~SessionTask() {
    stop_.stop();
    thread_.join();
}

void SessionTask::run() {
    if (open()) {
        while (!stop_.stopped()) {
            try {
                step();
            } catch (const std::bad_alloc&) {  // tried again
                stop_.wait_until(os::deadline_after(kMemoryRestNs));
            }
        }
    }
    finish();
}

bool SessionTask::open() {
    const auto opened = told_without_memory("open a session", [this] {
        auto established = share_.establish(RebuildReason::mode_changed, false);
        if (established) {
            watch_.restart(os::now_ns());
            const std::lock_guard lock(mutex_);
            published_.attached = share_.attached();
        }
        return established;
    });
    {
        const std::lock_guard lock(mutex_);
        opened_ = opened;
    }
    answered_.notify_all();
    return opened.has_value();
}

void SessionTask::finish() {
    despite_want_of_memory([this] { share_.end(); });
    const std::lock_guard lock(mutex_);
    ended_ = true;
    answered_.notify_all();
}

void SessionTask::step() {
    serve_resize();
    if (failed_) {
        stop_.wait_until(os::kNever, &wanted_);
    } else if (rebuild_) {
        rebuild_turn();
    } else if (!follow()) {
        find();
    }
}

SessionTask::Published SessionTask::published() const {
    const std::lock_guard lock(mutex_);
    return published_;
}

SessionTask::Published SessionTask::take() {
    const std::lock_guard lock(mutex_);
    Published taken = published_;
    published_.moved.reset();
    return taken;
}

template <typename Change>
void SessionTask::publish(Change change) {
    {
        const std::lock_guard lock(mutex_);
        change(published_);
        version_.fetch_add(1, std::memory_order_release);
    }
    context_.news.signal();
}

os::Result<void> SessionTask::resize(const Mode& mode) {
    const std::lock_guard one(resizers_);
    Resize wish{mode, std::nullopt};
    std::unique_lock lock(mutex_);
    if (published_.rebuilding || published_.failed || ended_ || stop_.stopped()) {
        return os::fail("resize", kDriverLost, os::Reaction::retry,
                        "the driver is away at the moment; the mode stays " +
                            to_string(published_.attached->monitor.mode));
    }
    resize_ = &wish;
    wanted_.signal();
    answered_.wait(lock, [&] { return wish.result || ended_; });
    resize_ = nullptr;
    return wish.result.value_or(tl::unexpected(closed()));
}

void SessionTask::serve_resize() {
    std::optional<Mode> mode;
    {
        const std::lock_guard lock(mutex_);
        if (resize_ != nullptr && !resize_->result) {
            mode = resize_->mode;
        }
    }
    if (!mode) {
        return;
    }
    const auto result =
        told_without_memory("resize", [&]() -> os::Result<void> { return change_mode(*mode); });
    {
        const std::lock_guard lock(mutex_);
        resize_->result = result;
    }
    answered_.notify_all();
}

os::Result<void> SessionTask::change_mode(const Mode& mode) {
    if (rebuild_ || failed_) {
        return os::fail(
            "resize", kDriverLost, os::Reaction::retry,
            "the driver is away at the moment; the mode stays " + to_string(share_.mode()));
    }
    const std::int64_t begun_ns = os::now_ns();
    const ModeChange change = share_.change_mode(mode);
    if (change.attached != nullptr) {
        moved(RebuildReason::mode_changed, begun_ns);
    } else if (change.lost) {
        begin_rebuild(*change.lost, begun_ns);
    }
    return change.result;
}

bool SessionTask::follow() {
    const std::int64_t noticed_ns = os::now_ns();
    const auto followed = share_.follow();
    if (!followed) {
        begin_rebuild(RebuildReason::device_gone, noticed_ns);
    } else if (*followed) {
        moved(share_.attached()->reason, noticed_ns);
    }
    return !followed || *followed;
}

// In slices, so that a driver that stands still is noticed.
void SessionTask::find() {
    const std::int64_t now_ns = os::now_ns();
    const Attachment& attached = *share_.attached();
    Finding found = watch_.look(attached, context_.progress.frames.load(),
                                context_.progress.epoch.load() == attached.epoch, now_ns);
    switch (found.kind) {
        case Finding::Kind::ask: share_.probe(); break;
        case Finding::Kind::well: break;
        case Finding::Kind::lost:
            share_.note(found);
            begin_rebuild(found.reason, now_ns);
            return;
        case Finding::Kind::end: fail(std::move(*found.error)); return;
    }
    const os::Process& driver = attached.monitor.connection->process();
    const std::int64_t slice_ns = std::max(options_.unresponsive_after_ns / 8, kMinLookNs);
    (void)os::wait({stop_.flag(), stop_.cancel(), wanted_, driver}, now_ns + slice_ns);
}

void SessionTask::begin_rebuild(RebuildReason reason, std::int64_t noticed_ns) {
    rebuilds_in_a_row_ =
        rebuilds_in_a_row(rebuilds_in_a_row_, last_moved_ns_,
                          std::max(last_moved_ns_, context_.progress.last_frame_ns.load()));
    rebuild_ = Rebuild{
        .reason = reason, .progress = {.noticed_ns = noticed_ns}, .next_attempt_ns = noticed_ns};
    const bool nothing_lost = reason == RebuildReason::mode_changed;
    if (reason != RebuildReason::ring_lost && !nothing_lost) {
        share_.retire_device();
    }
    if (!nothing_lost && !may_rebuild(options_.policy, rebuilds_in_a_row_)) {
        fail(given_up("that was rebuild number " + std::to_string(rebuilds_in_a_row_ + 1) +
                      " in a row"));
        return;
    }
    rebuilds_in_a_row_ += nothing_lost ? 0 : 1;
    publish([&](Published& p) {
        p.rebuilding = reason;
        p.last_error.clear();
        p.rebuilds += nothing_lost ? 0 : 1;
    });
    if (!nothing_lost && options_.on_rebuild) {
        const std::uint32_t pid = share_.attached()->monitor.connection->process().pid();
        despite_want_of_memory([&] { options_.on_rebuild(reason, pid); });
    }
}

void SessionTask::rebuild_turn() {
    const std::int64_t now_ns = os::now_ns();
    if (now_ns < rebuild_->next_attempt_ns) {
        stop_.wait_until(rebuild_->next_attempt_ns, &wanted_);
        return;
    }
    const bool any_instance =
        any_instance_will_do(options_.policy, now_ns - rebuild_->progress.noticed_ns);
    if (const auto established = share_.establish(rebuild_->reason, any_instance); !established) {
        attempt_failed(established.error());
        return;
    }
    const Rebuild done = *std::exchange(rebuild_, std::nullopt);
    moved(done.reason, done.progress.noticed_ns);
}

void SessionTask::attempt_failed(const os::Error& error) {
    const AttemptFailure failure = failure_of(error);
    rebuild_->progress.failed_attempts += failure == AttemptFailure::failed ? 1 : 0;
    const NextAttempt next =
        next_attempt(options_.policy, rebuild_->progress, failure, os::now_ns());
    if (!next.give_up) {
        rebuild_->next_attempt_ns = next.at_ns;
        publish([&](Published& p) { p.last_error = error.message(); });
    } else {
        fail(failure == AttemptFailure::final ? error : given_up(error.message()));
    }
}

os::Error SessionTask::given_up(const std::string& last_error) const {
    const auto waited_ms = (os::now_ns() - rebuild_->progress.noticed_ns) / os::kMillisecond;
    return {"rebuild", kDriverLost, os::Reaction::reopen,
            std::string(to_string(rebuild_->reason)) + " on '" +
                share_.attached()->monitor.connection->instance() + "', given up after " +
                std::to_string(waited_ms) + " ms; start the driver again; last: " + last_error};
}

void SessionTask::moved(RebuildReason reason, std::int64_t noticed_ns) {
    last_moved_ns_ = os::now_ns();
    watch_.restart(last_moved_ns_);
    publish([&](Published& p) {
        p.dropped_before += p.attached->reader->driver_words().dropped;
        p.attached = share_.attached();
        p.moved = Moved{reason, last_moved_ns_ - noticed_ns};
        p.rebuilding.reset();
        p.last_error.clear();
    });
}

void SessionTask::fail(os::Error error) {
    failed_ = true;
    publish([&](Published& p) { p.failed = std::move(error); });
}

}  // namespace pf::host
