// The one implementation of Session: a reader of the rings that its task attaches. next() takes a
// frame, tells what the task did, or waits; it asks the driver for nothing.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include <pf/host/session.hpp>
#include <pf/os/wait_handle.hpp>

#include "capture/ring_reader.hpp"
#include "device/stop_signal.hpp"
#include "session/session_task.hpp"
#include "session/shared_displays.hpp"

namespace pf::host {

class LiveSession final : public Session {
public:
    static os::Result<std::unique_ptr<Session>> open(std::shared_ptr<SharedDisplays> displays,
                                                     const SessionOptions& options);
    ~LiveSession() override;

    os::Result<Next> next(std::int64_t deadline_ns) override;
    os::Result<void> resize(const Mode& mode) override;
    void wake() override;
    os::Result<os::Handle::Native> wait_handle() override;
    void close() override;
    std::optional<Cursor> cursor() override;
    os::Result<void> set_hw_cursor(bool apart) override;
    SessionStats stats() const override;

private:
    // Of this session's own reading; the newest that stats() may see.
    struct Counters {
        std::uint64_t frames = 0, skipped = 0, stale = 0, rejected = 0;
    };

    LiveSession(std::shared_ptr<SharedDisplays> displays, std::shared_ptr<Attacher> attacher,
                const SessionOptions& options, os::Flag stop, ReadPosition position);

    os::Result<Next> next_step(std::int64_t deadline_ns);
    std::optional<os::Result<Next>> news();
    void wake_waiter();
    void learn();
    void move_to(Attached attached);
    std::optional<Next> take();
    bool pointer_changed();
    bool others_moved();
    void watch_driver_words();
    void wait(std::int64_t deadline_ns);

    const std::shared_ptr<SharedDisplays> displays_;
    const std::shared_ptr<Attacher> attacher_;
    const SessionOptions options_;
    StopSignal stop_;
    ReadPosition position_;
    ReaderProgress progress_;

    // The thread of next(): what it knows of the task.
    std::uint64_t seen_version_ = 0;
    std::uint64_t asked_epoch_ = 0;  // of another session's attachment that the task was told of
    Attached attached_;
    bool rebuilding_ = false;
    bool no_ring_ = false;  // attached_ is not to be read any more
    std::optional<Moved> moved_;
    std::optional<os::Error> failed_;
    DriverWords seen_words_;
    std::uint32_t seen_pointer_ = 0;  // CursorReader::version()
    os::WaitHandle wait_handle_;      // empty: nobody asked for it
    bool contended_ = false;

    std::atomic<bool> woken_{false};  // wake() was called, and next() has not told it yet
    mutable std::mutex mutex_;
    Counters counters_;  // mutex_
    std::unique_ptr<SessionTask> task_;
};

}  // namespace pf::host
