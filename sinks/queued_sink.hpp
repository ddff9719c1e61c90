// A sink that works on a thread of its own, at most two frames behind. Its frames stay on loan
// until written: two waiting, one in work, of the ring's six.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <pf/sinks/frame_sink.hpp>

namespace pf::sinks {

class QueuedSink final : public FrameSink {
public:
    static constexpr std::size_t kMaxWaiting = 2;

    explicit QueuedSink(std::unique_ptr<FrameSink> sink);
    ~QueuedSink() override;

    os::Result<void> push(const host::Frame& frame) override;
    os::Result<void> close(std::int64_t end_ns) override;

private:
    void run();
    void end_thread();

    std::unique_ptr<FrameSink> sink_;  // the thread's until it ended
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<host::Frame> waiting_;
    os::Result<void> state_;  // the first error stays
    bool ending_ = false;
    bool closed_ = false;
    std::thread thread_;
};

}  // namespace pf::sinks
