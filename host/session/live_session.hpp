// The one implementation of Session. next() is one loop whose turns take a frame, wait, or do a
// step of a rebuild; why a rebuild is going on is data that the loop carries.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include <pf/host/session.hpp>

#include "capture/ring_reader.hpp"
#include "device/stop_signal.hpp"
#include "monitor/monitor_manager.hpp"
#include "session/feed.hpp"
#include "session/liveness.hpp"
#include "session/rebuild_policy.hpp"
#include "session/shared_displays.hpp"
#include "session/source_follower.hpp"

namespace pf::host {

class LiveSession final : public Session {
public:
    static os::Result<std::unique_ptr<Session>> open(std::shared_ptr<SharedDisplays> displays,
                                                     const SessionOptions& options);
    ~LiveSession() override;

    os::Result<Next> next(std::int64_t deadline_ns) override;
    os::Result<void> resize(const Mode& mode) override;
    void close() override;
    std::optional<Cursor> cursor() override;
    SessionStats stats() const override;

private:
    struct Rebuild {
        RebuildReason reason{};
        RebuildProgress progress;
        std::int64_t next_attempt_ns = 0;
        std::string last_error;
    };
    using Attached = std::shared_ptr<const Attachment>;

    LiveSession(std::shared_ptr<SharedDisplays> displays, const SessionOptions& options,
                os::Flag wake, ReaderPlace place);

    // A device, the monitor on it, a ring on that. Twice if the device goes away under the call.
    os::Result<Attached> establish(RebuildReason reason, bool any_instance);
    os::Result<Attached> establish_once(RebuildReason reason, bool any_instance);
    os::Result<Attached> attach(RebuildReason reason);
    void move_to(Attached attachment);

    os::Result<Next> next_step(std::int64_t deadline_ns);
    os::Result<void> change_mode(const Mode& mode);
    std::optional<Next> take();
    std::optional<Next> follow_the_feed();
    std::optional<RebuildReason> loss(std::int64_t now_ns);
    std::optional<RebuildReason> follow_source(const DriverWords& words, std::int64_t now_ns);
    std::optional<RebuildReason> mismatch(std::uint32_t detail);
    std::optional<RebuildReason> silence(std::int64_t now_ns, const DriverWords& words);
    void wait_for_frame(std::int64_t deadline_ns, std::int64_t now_ns);

    void begin_rebuild(RebuildReason reason, std::int64_t noticed_ns);
    // nullopt: go on with the loop.
    std::optional<Next> rebuild_turn(std::int64_t deadline_ns);
    void attempt_failed(const os::Error& error);
    void give_up(const Rebuild& rebuild);
    Next rebuilt(RebuildReason reason, std::int64_t noticed_ns);
    void refresh_stats();
    std::string no_frame_reason(const DriverWords& words) const;

    const std::shared_ptr<SharedDisplays> displays_;
    const SessionOptions options_;
    StopSignal stop_;
    MonitorRequest request_;
    std::shared_ptr<Feed> feed_;
    MonitorLease lease_;
    Attached attached_;  // replaced under mutex_
    ReaderPlace place_;
    HeartbeatWatch heartbeat_;
    SourceFollower follower_;
    std::optional<Rebuild> rebuild_;
    std::optional<Next> pending_;
    std::optional<os::Error> failed_;
    bool contended_ = false;
    std::uint32_t rebuilds_in_a_row_ = 0;
    std::int64_t last_rebuilt_ns_ = 0;
    std::int64_t last_frame_ns_ = 0;
    std::uint64_t rebuilds_ = 0;
    std::uint64_t frames_at_attach_ = 0;
    std::optional<std::uint64_t> mismatched_at_;  // frames taken when the monitor was added again
    std::uint64_t dropped_before_ = 0;            // by drivers of earlier rings

    mutable std::mutex mutex_;
    SessionStats stats_;  // mutex_
};

}  // namespace pf::host
