// A sink that works on a thread of its own, at most two frames behind. Its frames stay on loan
// until written: two waiting, one in work, and the one that a video may show again, of the ring's
// six.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include <pf/os/output_file.hpp>
#include <pf/os/thread.hpp>
#include <pf/sinks/frame_sink.hpp>

namespace pf::sinks {

class QueuedSink final : public FrameSink {
public:
    static constexpr std::size_t kMaxWaiting = 2;
    static constexpr std::int64_t kReaderTurnNs = os::kSecond;     // that push() waits for
    static constexpr std::int64_t kReaderEndNs = 2 * os::kSecond;  // that close() waits for

    // `file`: what the sink writes to; where that has a reader, the waits above apply. Null: none.
    // Retry: no thread or no memory for it.
    static os::Result<std::unique_ptr<QueuedSink>> start(std::unique_ptr<FrameSink> sink,
                                                         std::shared_ptr<os::OutputFile> file);
    ~QueuedSink() override;

    os::Result<void> push(const host::Frame& frame) override;
    os::Result<void> idle(std::int64_t now_ns) override;
    os::Result<void> close(std::int64_t end_ns) override;
    std::uint64_t dropped() const override;

private:
    QueuedSink(std::unique_ptr<FrameSink> sink, std::shared_ptr<os::OutputFile> file);
    bool has_room() const { return waiting_.size() < kMaxWaiting || !state_; }
    void run();
    void work(std::unique_lock<std::mutex>& lock);
    void end_thread();
    void give_up(const os::Error& error);

    std::unique_ptr<FrameSink> sink_;  // the thread's until it ended
    std::shared_ptr<os::OutputFile> file_;
    bool has_reader_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<host::Frame> waiting_;
    std::optional<std::int64_t> idle_ns_;  // nothing came until then
    os::Result<void> state_;               // the first error stays
    std::uint64_t dropped_ = 0;
    bool working_ = false;
    bool ending_ = false;
    bool closed_ = false;
    os::GuardedThread thread_;
};

}  // namespace pf::sinks
