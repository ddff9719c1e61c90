// A display, kept alive: opens the driver, adds the monitor, delivers the ring, hands out frames,
// and rebuilds all of it in place when the driver dies. A thread of the session's own does all that
// waits for the driver. One thread at a time calls next(); everything else may be called by any
// thread. Frames may outlive the session.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <pf/host/cursor.hpp>
#include <pf/host/frame.hpp>
#include <pf/host/mode.hpp>
#include <pf/os/display_topology.hpp>
#include <pf/os/flag.hpp>
#include <pf/os/handle.hpp>
#include <pf/os/result.hpp>

namespace pf::host {

// How hard a session tries. Pure data; see rebuild_policy.hpp for the decisions.
struct RebuildPolicy {
    // How many rebuilds at once end the session; each forgive_ns takes one off the count. So a
    // driver that dies every few seconds is followed for ever, and one that dies as soon as it is
    // back is not. UINT32_MAX: no limit.
    std::uint32_t max_rebuilds = 30;
    std::int64_t forgive_ns = 1'000'000'000;  // above 0
    std::int64_t budget_ns = 40'000'000'000;  // for one rebuild, all attempts together; at least 0,
                                              // INT64_MAX: for ever
    std::int64_t first_backoff_ns = 50'000'000;   // doubles after each failed attempt; above 0
    std::int64_t max_backoff_ns = 2'000'000'000;  // at least first_backoff_ns
};

enum class RebuildReason {
    driver_died,          // its process ended
    driver_unresponsive,  // it lives and does not answer: stopped or hung
    device_gone,          // the connection to it ended
    ring_lost,            // it gave up the ring, or its loop for this monitor stands still
    mode_changed,         // resize(), here or by another session on the same monitor; or another
                          // program switched the monitor to another size
};
std::string_view to_string(RebuildReason reason);

// One step of a rebuild, or of the first attach.
struct RebuildStep {
    enum class What {
        noticed,   // the loss; `reason` is of this and all that follows
        opened,    // a driver was found, and shook hands
        added,     // it has the monitor
        attached,  // it has opened the ring: next() gives rebuilt, and frames
        failed,    // this attempt; another one follows
        given_up,  // next() gives the error
    };
    What what{};
    RebuildReason reason{};
    std::int64_t at_ns = 0;             // os::now_ns()
    std::int64_t since_noticed_ns = 0;  // what the rebuild has taken so far
    std::string_view instance;          // of the driver; empty as long as there is none
    std::uint32_t driver_pid = 0;
    std::string_view error;  // failed, given_up: one line; else empty
};
std::string_view to_string(RebuildStep::What what);

struct SessionOptions {
    Mode mode;
    std::uint32_t client_id = 0;  // 1..15: the monitor's id; 0: any
    PixelFormat format = PixelFormat::bgra8;
    std::string instance;  // empty: the first that opens and shakes hands
    // The program that hosts drivers, where the system does not say whose the driver's process is:
    // a path, "any", or empty for the system's own. See os::DeviceChannel::open().
    std::string driver_image = {};
    // A rebuild restarts the driver's device where that does not come back by itself (on Windows,
    // as an administrator): after 15 s, 3 s where nothing is left of it, at once where it hangs; no
    // more than 30 s after the loss, and within the policy's budget. Other hosts that use the
    // device lose it with that.
    bool restart_device = false;
    bool hw_cursor = false;      // frames without the pointer; it comes by cursor(). A driver that
                                 // cannot do so leaves it in the frames (see SessionStats).
    bool cursor_events = false;  // next() tells when the pointer changed; with hw_cursor
    std::uint32_t max_nits = 0, max_frame_avg_nits = 0, min_millinits = 0;
    RebuildPolicy policy;
    std::int64_t attach_timeout_ns = 4'000'000'000;      // above 0
    std::int64_t unresponsive_after_ns = 2'000'000'000;  // no heartbeat for this long: stopped;
                                                         // above 0
    const os::Flag* cancel = nullptr;                    // set: every wait ends as closed
    // Told each step of a rebuild, by the session's own thread, which waits for it. It must not
    // call the session; what it throws is dropped. Empty: nobody.
    std::function<void(const RebuildStep& step)> log;
    // Called by the session's own thread when the driver has made the monitor, and again when it
    // made it anew, before the ring is waited for: the place to light it (topology.hpp), where the
    // system does not do so by itself. An error ends this attempt. The session waits for it, in
    // close() too, so it ends when `cancel` is set; it must not call the session. Empty: nobody.
    std::function<os::Result<void>(const os::DisplayEnd& target)> on_added;
    // Called by the session's own thread when a rebuild begins, before its first attempt: whoever
    // supervises the driver replaces one that does not answer. Empty: nobody. It must not call the
    // session, and the rebuild waits for it.
    std::function<void(RebuildReason reason, std::uint32_t driver_pid)> on_rebuild;
};

enum class NextKind {
    frame,
    timeout,
    rebuilt,
    closed,
    woken,   // wake() was called
    cursor,  // the pointer changed: cursor() has it. Only with cursor_events; frames go first.
};

struct Next {
    NextKind kind = NextKind::timeout;
    Frame frame = {};              // kind frame
    RebuildReason reason{};        // kind rebuilt
    std::int64_t recovery_ns = 0;  // kind rebuilt: noticed until the ring is attached again
};

struct SessionStats {
    std::uint64_t frames = 0;    // handed out
    std::uint64_t skipped = 0;   // published, overtaken by a newer one before they were taken
    std::uint64_t dropped = 0;   // by the driver: every slot was leased
    std::uint64_t stale = 0;     // tokens of another generation, rejected
    std::uint64_t rejected = 0;  // tokens or records that failed validation
    std::uint64_t rebuilds = 0;  // without changes of the mode
    std::optional<RebuildReason> rebuilding;  // one is going on: next() gives timeouts until then
    // Why no frame came since the ring was attached, one line; empty when one came or nothing is
    // known.
    std::string no_frame;
    bool cursor_channel = false;  // cursor() works; the frames have no pointer
    std::uint32_t protocol = 0;
    std::uint32_t driver_pid = 0;
    std::uint64_t adapter = 0;  // its LUID: high part << 32 | low part
    std::uint32_t target_id = 0;
    std::uint32_t monitor_id = 0;
    std::string instance;
    Mode mode;
};

class Session {
public:
    // With a driver connection of its own; several sessions share one through Displays
    // (displays.hpp). errors.hpp tells the kinds of failure apart. Options out of their range are
    // refused before anything else: reject, or bug where no person chooses them.
    static os::Result<std::unique_ptr<Session>> open(const SessionOptions& options);
    // Closes, and ends the lease of the monitor. Returns within 3 s in every state, a driver that
    // is stopped included; at once where the driver answers or is gone.
    virtual ~Session() = default;

    // The newest frame that was not handed out yet, waiting until `deadline_ns` (os::now_ns()).
    // Asks the driver for nothing: a deadline in the past looks once and returns, always. While the
    // driver is away next() returns timeouts; the session rebuilds whether it is called or not. A
    // monitor that another program switches to another size is followed: rebuilt, and stats().mode
    // says the size; one that is switched off gives timeouts for attach_timeout_ns. Errors, which
    // stay: the driver is lost beyond the budget, or refuses what it granted before; the monitor
    // stays switched off.
    virtual os::Result<Next> next(std::int64_t deadline_ns) = 0;

    // Changes the mode: in place where the driver can, else by re-adding the monitor; on failure
    // the old mode is back and the error says why. The first next() after it gives rebuilt; next()
    // may go on in another thread meanwhile. A driver that waits for its system is waited for, 60 s
    // at most; one that stands still for 5 s to 8 s, and is then taken for unresponsive: the error
    // is a timeout, and the session rebuilds. close() ends the wait.
    virtual os::Result<void> resize(const Mode& mode) = 0;

    // Ends the wait of a next() that waits, or of the next one that would, which then returns
    // woken. Any number of calls before that count once; a frame that is there goes first. Never
    // blocks.
    virtual void wake() = 0;
    // A native handle (Linux: a descriptor) for the caller's own poll or epoll loop, instead of a
    // next() that waits: readable when next() may have something. Then call next() with a deadline
    // in the past until it gives timeout; only that makes it unreadable again. Stays the session's,
    // and the same; does not become readable once the session has ended. From the first call on,
    // the driver signals every frame. The thread of next(). Errors: no descriptor is left, retry.
    virtual os::Result<os::Handle::Native> wait_handle() = 0;
    // next() returns closed, now and later, and the monitor departs. Never blocks.
    virtual void close() = 0;
    // The pointer's newest state; nullopt without a channel or before the first.
    virtual std::optional<Cursor> cursor() = 0;
    // Asked for with hw_cursor: whether frames come without the pointer from now on (as at first).
    // Waits for the driver as resize() does. Not supported (fallback) where the session has no
    // cursor channel, or a driver of protocol 5 and below. Holds until the session ends.
    virtual os::Result<void> set_hw_cursor(bool apart) = 0;
    virtual SessionStats stats() const = 0;
};

}  // namespace pf::host
