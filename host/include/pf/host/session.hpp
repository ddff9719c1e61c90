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
#include <pf/os/flag.hpp>
#include <pf/os/result.hpp>

namespace pf::host {

// How hard a session tries. Pure data; see rebuild_policy.hpp for the decisions.
struct RebuildPolicy {
    std::uint32_t max_rebuilds = 5;           // in a row; a minute of good frames forgives all
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

struct SessionOptions {
    Mode mode;
    std::uint32_t client_id = 0;  // 1..15: the monitor's id; 0: any
    PixelFormat format = PixelFormat::bgra8;
    std::string instance;    // empty: the first that opens and shakes hands
    bool hw_cursor = false;  // frames without the pointer; it comes by cursor(). A driver that
                             // cannot do so leaves it in the frames (see SessionStats).
    std::uint32_t max_nits = 0, max_frame_avg_nits = 0, min_millinits = 0;
    RebuildPolicy policy;
    std::int64_t attach_timeout_ns = 4'000'000'000;      // above 0
    std::int64_t unresponsive_after_ns = 2'000'000'000;  // no heartbeat for this long: stopped;
                                                         // above 0
    const os::Flag* cancel = nullptr;                    // set: every wait ends as closed
    // Called by the session's own thread when a rebuild begins, before its first attempt: whoever
    // supervises the driver replaces one that does not answer. Empty: nobody. It must not call the
    // session, and the rebuild waits for it.
    std::function<void(RebuildReason reason, std::uint32_t driver_pid)> on_rebuild;
};

enum class NextKind { frame, timeout, rebuilt, closed, woken };

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
    // next() returns closed, now and later, and the monitor departs. Never blocks.
    virtual void close() = 0;
    // The pointer's newest state; nullopt without a channel or before the first.
    virtual std::optional<Cursor> cursor() = 0;
    virtual SessionStats stats() const = 0;
};

}  // namespace pf::host
