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

tl::unexpected<os::Error> away(const char* operation, const Mode& mode) {
    return os::fail(operation, kDriverLost, os::Reaction::retry,
                    "the driver is away at the moment; the mode stays " + to_string(mode));
}

}  // namespace

SessionTask::SessionTask(const Context& context, os::Event wanted)
    : context_(context),
      options_(context.options),
      stop_(context.stop),
      wanted_(std::move(wanted)),
      share_(*context.displays, context.options, context.attacher, context.stop,
             [this](RebuildStep::What what) { tell(what); }),
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
    const os::Result<void> opened = task->opened_.value_or(closed("session"));
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
    rebuild_ = {.reason = RebuildReason::mode_changed, .progress = {.noticed_ns = os::now_ns()}};
    const auto opened = told_without_memory("open a session", [this] {
        auto established = share_.establish(rebuild_.reason, false);
        if (established) {
            tell(RebuildStep::What::attached);
            rebuilding_ = false;
            count_.forgiven_ns = os::now_ns();
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
    serve_wish();
    if (failed_) {
        stop_.wait_until(os::kNever, &wanted_);
    } else if (rebuilding_) {
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
    return ask("resize", [this, mode] { return change_mode(mode); });
}

os::Result<void> SessionTask::forward_cursor(bool apart) {
    return ask("set_hw_cursor", [this, apart] { return share_.forward_cursor(apart); });
}

os::Result<void> SessionTask::ask(const char* operation, std::function<os::Result<void>()> job) {
    const std::lock_guard one(askers_);
    Wish wish{std::move(job), std::nullopt};
    std::unique_lock lock(mutex_);
    if (ended_ || stop_.stopped()) {
        return closed("session");
    }
    if (published_.rebuilding || published_.failed) {
        return away(operation, published_.attached->monitor.mode);
    }
    wish_ = &wish;
    wanted_.signal();
    answered_.wait(lock, [&] { return wish.result || ended_; });
    wish_ = nullptr;
    return wish.result.value_or(closed("session"));
}

// The caller stays until it is answered.
void SessionTask::serve_wish() {
    Wish* wish = nullptr;
    {
        const std::lock_guard lock(mutex_);
        wish = wish_ != nullptr && !wish_->result ? wish_ : nullptr;
    }
    if (wish == nullptr) {
        return;
    }
    const auto result = told_without_memory("ask the driver", [&]() -> os::Result<void> {
        if (rebuilding_ || failed_) {
            return away("ask the driver", share_.mode());
        }
        return wish->job();
    });
    {
        const std::lock_guard lock(mutex_);
        wish->result = result;
    }
    answered_.notify_all();
}

os::Result<void> SessionTask::change_mode(const Mode& mode) {
    const std::int64_t begun_ns = os::now_ns();
    const ModeChange change = share_.change_mode(mode);
    if (change.moved) {
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
    Finding found = watch_.judge(attached, context_.progress.frames.load(),
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
    const bool nothing_lost = reason == RebuildReason::mode_changed;
    rebuild_ = {
        .reason = reason, .progress = {.noticed_ns = noticed_ns}, .next_attempt_ns = noticed_ns};
    rebuilding_ = true;
    tell(RebuildStep::What::noticed);
    if (reason != RebuildReason::ring_lost && !nothing_lost) {
        share_.retire_device();
    }
    count_ = forgive(options_.policy, count_, noticed_ns);
    if (!nothing_lost && !may_rebuild(options_.policy, count_)) {
        fail(given_up(kDriverLost, "that was rebuild number " + std::to_string(count_.used + 1) +
                                       " in a short time"));
        return;
    }
    count_.used += nothing_lost ? 0 : 1;
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
    if (now_ns < rebuild_.next_attempt_ns) {
        os::WaitItem items[] = {stop_.flag(), stop_.cancel(), wanted_, share_.device_news()};
        if (os::wait(items, rebuild_.next_attempt_ns) && items[3].ready()) {
            rebuild_.next_attempt_ns = os::now_ns();
        }
        return;
    }
    const bool any_instance =
        any_instance_will_do(options_.policy, now_ns - rebuild_.progress.noticed_ns);
    if (const auto established = share_.establish(rebuild_.reason, any_instance); !established) {
        attempt_failed(established.error());
        return;
    }
    tell(RebuildStep::What::attached);
    rebuilding_ = false;
    moved(rebuild_.reason, rebuild_.progress.noticed_ns);
}

void SessionTask::attempt_failed(const os::Error& error) {
    const AttemptFailure failure = failure_of(error);
    rebuild_.progress.failed_attempts += failure == AttemptFailure::failed ? 1 : 0;
    const NextAttempt next =
        next_attempt(options_.policy, rebuild_.progress, failure, os::now_ns());
    if (!next.give_up) {
        rebuild_.next_attempt_ns = next.at_ns;
        publish([&](Published& p) { p.last_error = error.message(); });
        tell(RebuildStep::What::failed, error.detail);
    } else {
        fail(failure == AttemptFailure::final ? error : given_up(error.code, error.message()));
    }
}

// Drivers of a version that we do not speak are another case for the user than no driver.
os::Error SessionTask::given_up(std::int64_t last_code, const std::string& last_error) const {
    const bool mismatch = last_code == kProtocolMismatch;
    const auto waited_ms = (os::now_ns() - rebuild_.progress.noticed_ns) / os::kMillisecond;
    return {"rebuild", mismatch ? kProtocolMismatch : kDriverLost,
            mismatch ? os::Reaction::fallback : os::Reaction::reopen,
            std::string(to_string(rebuild_.reason)) + " on '" +
                share_.attached()->monitor.connection->instance() + "', given up after " +
                std::to_string(waited_ms) + " ms; start the driver again; last: " + last_error};
}

void SessionTask::moved(RebuildReason reason, std::int64_t noticed_ns) {
    const std::int64_t now_ns = os::now_ns();
    watch_.restart(now_ns);
    publish([&](Published& p) {
        p.dropped_before += p.attached->reader->driver_words().dropped;
        p.attached = share_.attached();
        p.moved = Moved{reason, now_ns - noticed_ns};
        p.rebuilding.reset();
        p.last_error.clear();
    });
}

void SessionTask::fail(os::Error error) {
    failed_ = true;
    tell(RebuildStep::What::given_up, error.detail);
    publish([&](Published& p) { p.failed = std::move(error); });
}

void SessionTask::tell(RebuildStep::What what, std::string_view error) {
    if (!options_.log) {
        return;
    }
    const std::int64_t now_ns = os::now_ns();
    RebuildStep step{.what = what,
                     .reason = rebuild_.reason,
                     .at_ns = now_ns,
                     .since_noticed_ns = now_ns - rebuild_.progress.noticed_ns,
                     .instance = {},
                     .driver_pid = 0,
                     .error = error};
    const auto driver = share_.driver();
    if (driver != nullptr) {
        step.instance = driver->instance();
        step.driver_pid = driver->process().pid();
    }
    despite_want_of_memory([&] { options_.log(step); });
}

}  // namespace pf::host
