// What keeps one session attached, on a thread of its own: adds the monitor, attaches a ring,
// notices a loss, rebuilds, changes the mode, and ends the monitor's lease. It never looks at
// frames; a session is a reader of what is published here. Made and destroyed by its session.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <pf/host/session.hpp>
#include <pf/os/event.hpp>
#include <pf/os/thread.hpp>

#include "session/loss_watch.hpp"
#include "session/monitor_share.hpp"
#include "session/rebuild_policy.hpp"

namespace pf::host {

// What the reader took, told to the task.
struct ReaderProgress {
    std::atomic<std::uint64_t> frames{0};
    std::atomic<std::uint64_t> epoch{0};  // of the attachment that the newest frame came from
};

// A rebuild, or a change of the mode, that went well.
struct Moved {
    RebuildReason reason{};
    std::int64_t recovery_ns = 0;
};

class SessionTask {
public:
    struct Context {
        std::shared_ptr<SharedDisplays> displays;
        std::shared_ptr<Attacher> attacher;
        const SessionOptions& options;
        StopSignal& stop;
        const ReaderProgress& progress;
        const os::Event& news;  // signalled when version() changes
    };
    // Returns when the first ring is attached, or with the error that kept it from that; at once
    // when stopped.
    static os::Result<std::unique_ptr<SessionTask>> start(const Context& context);
    // Stops the context's `stop`. Returns when the lease has ended: the monitor's Remove is waited
    // for by half a second at most.
    ~SessionTask();

    struct Published {
        Attached attached;
        std::optional<Moved> moved;  // until somebody has taken it
        std::optional<RebuildReason> rebuilding;
        std::string last_error;  // of the rebuild that goes on
        std::optional<os::Error> failed;
        std::uint64_t rebuilds = 0;
        std::uint64_t dropped_before = 0;  // by drivers of earlier rings
    };
    // Any thread, as all below. Counts up with every change of what is published.
    std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
    Published published() const;
    Published take();  // and `moved` is empty then

    // Has the ring, the driver and the other sessions on the monitor looked at now.
    void check_now() { wanted_.signal(); }
    // One at a time; the others wait.
    os::Result<void> resize(const Mode& mode);
    os::Result<void> forward_cursor(bool apart);

private:
    struct Rebuild {
        RebuildReason reason{};
        RebuildProgress progress;
        std::int64_t next_attempt_ns = 0;
    };
    // What a caller waits for.
    struct Wish {
        std::function<os::Result<void>()> job;
        std::optional<os::Result<void>> result;
    };

    SessionTask(const Context& context, os::Event wanted);
    void run();
    void step();
    bool open();
    os::Result<void> ask(const char* operation, std::function<os::Result<void>()> job);
    void serve_wish();
    os::Result<void> change_mode(const Mode& mode);
    bool follow();
    void find();
    void begin_rebuild(RebuildReason reason, std::int64_t noticed_ns);
    void rebuild_turn();
    void attempt_failed(const os::Error& error);
    os::Error given_up(std::int64_t last_code, const std::string& last_error) const;
    void moved(RebuildReason reason, std::int64_t noticed_ns);
    void fail(os::Error error);
    void finish();
    // For the caller's log.
    void tell(RebuildStep::What what, std::string_view error = {});
    // Changes what is published, under the mutex, and tells the reader.
    template <typename Change>
    void publish(Change change);

    const Context context_;
    const SessionOptions& options_;
    StopSignal& stop_;
    const os::Event wanted_;
    // The task's own thread.
    MonitorShare share_;
    LossWatch watch_;
    Rebuild rebuild_;  // the newest; the first is the opening
    bool rebuilding_ = true;
    bool failed_ = false;
    RebuildCount count_;

    std::atomic<std::uint64_t> version_{0};
    mutable std::mutex mutex_;
    std::condition_variable answered_;
    Published published_;                     // mutex_
    std::optional<os::Result<void>> opened_;  // mutex_
    Wish* wish_ = nullptr;                    // mutex_; the caller's, until it is answered
    bool ended_ = false;                      // mutex_
    std::mutex askers_;                       // taken before mutex_
    os::GuardedThread thread_;
};

}  // namespace pf::host
