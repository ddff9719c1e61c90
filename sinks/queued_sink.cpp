#include "queued_sink.hpp"

#include <chrono>
#include <exception>

namespace pf::sinks {
namespace {

// What a sink throws is its error.
template <typename Step>
os::Result<void> attempt(const Step& step) {
    try {
        return step();
    } catch (const std::exception& error) {
        return os::fail("write output", 0, os::Reaction::retry, error.what());
    }
}

}  // namespace

QueuedSink::QueuedSink(std::unique_ptr<FrameSink> sink, std::shared_ptr<os::OutputFile> file)
    : sink_(std::move(sink)), file_(std::move(file)), has_reader_(file_ && file_->has_reader()) {}

os::Result<std::unique_ptr<QueuedSink>> QueuedSink::start(std::unique_ptr<FrameSink> sink,
                                                          std::shared_ptr<os::OutputFile> file) {
    std::unique_ptr<QueuedSink> queued(new QueuedSink(std::move(sink), std::move(file)));
    auto thread = os::GuardedThread::start(
        "write output", [raw = queued.get()] { raw->run(); },
        [raw = queued.get()](const os::Error& error) { raw->give_up(error); });
    if (!thread) {
        return tl::unexpected(std::move(thread.error()));
    }
    queued->thread_ = std::move(*thread);
    return queued;
}

QueuedSink::~QueuedSink() {
    end_thread();
}

os::Result<void> QueuedSink::push(const host::Frame& frame) {
    std::unique_lock lock(mutex_);
    if (!has_reader_) {
        changed_.wait(lock, [this] { return has_room(); });
    } else if (!changed_.wait_for(lock, std::chrono::nanoseconds(kReaderTurnNs),
                                  [this] { return has_room(); })) {
        waiting_.pop_front();  // the newest picture is what the reader gets when it goes on
        ++dropped_;
    }
    if (state_ && !ending_) {
        waiting_.push_back(frame);
        idle_ns_.reset();
        changed_.notify_all();
    }
    return state_;
}

os::Result<void> QueuedSink::idle(std::int64_t now_ns) {
    std::lock_guard lock(mutex_);
    if (state_ && !ending_ && waiting_.empty() && !working_) {
        idle_ns_ = now_ns;
        changed_.notify_all();
    }
    return state_;
}

// One frame, or the news that there is none; the lock is free meanwhile.
void QueuedSink::work(std::unique_lock<std::mutex>& lock) {
    host::Frame frame;
    const std::int64_t idle_ns = idle_ns_.value_or(0);
    idle_ns_.reset();
    if (!waiting_.empty()) {
        frame = std::move(waiting_.front());
        waiting_.pop_front();
    }
    changed_.notify_all();
    if (!state_) {
        return;
    }
    working_ = true;
    lock.unlock();
    auto done = attempt([&] { return frame ? sink_->push(frame) : sink_->idle(idle_ns); });
    frame = {};
    lock.lock();
    working_ = false;
    if (!done) {
        state_ = std::move(done);
        changed_.notify_all();
    }
}

void QueuedSink::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return !waiting_.empty() || idle_ns_ || ending_; });
        if (waiting_.empty() && ending_) {
            return;
        }
        work(lock);
    }
}

void QueuedSink::end_thread() {
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
        if (has_reader_) {
            file_->give_up_after(kReaderEndNs);
        }
        changed_.notify_all();
    }
    thread_.join();
}

// What it waits for comes first: the reason may find no memory.
void QueuedSink::give_up(const os::Error& error) {
    const std::lock_guard lock(mutex_);
    working_ = false;
    waiting_.clear();
    state_ = os::fail(error.operation, error.code, error.reaction, {});
    changed_.notify_all();
    state_.error().detail = error.detail;
}

os::Result<void> QueuedSink::close(std::int64_t end_ns) {
    end_thread();
    if (!closed_) {
        closed_ = true;
        auto closed = attempt([&] { return sink_->close(end_ns); });
        if (state_) {
            state_ = std::move(closed);
        }
        sink_.reset();
    }
    return state_;
}

std::uint64_t QueuedSink::dropped() const {
    std::lock_guard lock(mutex_);
    return dropped_;
}

}  // namespace pf::sinks
