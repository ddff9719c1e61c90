#include "queued_sink.hpp"

namespace pf::sinks {

QueuedSink::QueuedSink(std::unique_ptr<FrameSink> sink)
    : sink_(std::move(sink)), thread_([this] { run(); }) {}

QueuedSink::~QueuedSink() {
    end_thread();
}

os::Result<void> QueuedSink::push(const host::Frame& frame) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() < kMaxWaiting || !state_; });
    if (state_ && !ending_) {
        waiting_.push_back(frame);
        changed_.notify_all();
    }
    return state_;
}

void QueuedSink::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return !waiting_.empty() || ending_; });
        if (waiting_.empty()) {
            return;
        }
        host::Frame frame = std::move(waiting_.front());
        waiting_.pop_front();
        changed_.notify_all();
        if (!state_) {
            continue;
        }
        lock.unlock();
        auto pushed = sink_->push(frame);
        frame = {};
        lock.lock();
        if (!pushed) {
            state_ = std::move(pushed);
            changed_.notify_all();
        }
    }
}

void QueuedSink::end_thread() {
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

os::Result<void> QueuedSink::close(std::int64_t end_ns) {
    end_thread();
    if (!closed_) {
        closed_ = true;
        auto closed = sink_->close(end_ns);
        if (state_) {
            state_ = std::move(closed);
        }
        sink_.reset();
    }
    return state_;
}

}  // namespace pf::sinks
