// One session's share in its monitor, and the rings that are attached to it: everything of a
// session that asks the driver and may wait for its answer. One thread's, the session's task;
// `stop` ends every wait.
#pragma once

#include <functional>
#include <memory>

#include <pf/host/session.hpp>

#include "monitor/monitor_lease.hpp"
#include "session/attacher.hpp"
#include "session/loss_watch.hpp"
#include "session/shared_displays.hpp"

namespace pf::host {

using Attached = std::shared_ptr<const Attachment>;

// What became of a change of the mode.
struct ModeChange {
    os::Result<void> result;
    bool moved = false;  // the session goes on with another ring
    // The monitor is lost on the way, and this is why.
    std::optional<RebuildReason> lost = {};
};

class MonitorShare {
public:
    // `on_step` is told of what establish() got done.
    MonitorShare(SharedDisplays& displays, const SessionOptions& options,
                 std::shared_ptr<Attacher> attacher, const StopSignal& stop,
                 std::function<void(RebuildStep::What)> on_step);

    // A device, the monitor on it, a ring on that. Twice if the device goes away under the call.
    os::Result<void> establish(RebuildReason reason, bool any_instance);

    // Another session on this monitor rebuilt it or changed its mode: goes where it went. True:
    // attached() is another one. An error: the monitor is gone meanwhile.
    os::Result<bool> follow();

    // On failure the old mode is back, unless the monitor is lost.
    ModeChange change_mode(const Mode& mode);

    // Whether the frames come without the pointer, now and after every rebuild.
    os::Result<void> forward_cursor(bool apart);

    // Whatever `finding` says about the monitor before it is established again.
    void note(const Finding& finding);

    // The ring of the moment; null before the first.
    const Attached& attached() const { return attached_; }
    const Mode& mode() const { return request_.mode; }
    void retire_device() { displays_.device().retire(attached_->monitor.connection); }
    // See ControlDevice::news().
    const os::Event* device_news() const { return displays_.device().news(); }
    std::shared_ptr<DriverConnection> driver() const { return displays_.device().current(); }
    void probe() { displays_.device().probe(); }
    // Ends the share. Nothing may be called then.
    void end() { lease_.end(); }

private:
    os::Result<Attached> establish_once(RebuildReason reason, bool any_instance);
    os::Result<Attached> attach(RebuildReason reason);
    os::Result<void> tell_added(const Monitor& monitor);
    os::Result<void> tell_cursor(const Monitor& monitor, bool apart);
    void move_to(Attached attachment);

    SharedDisplays& displays_;
    const SessionOptions& options_;
    const std::shared_ptr<Attacher> attacher_;
    const StopSignal& stop_;
    const std::function<void(RebuildStep::What)> on_step_;
    MonitorRequest request_;
    MonitorLease lease_;
    Attached attached_;
    std::uint64_t told_incarnation_ = 0;  // options_.on_added was told, and agreed
    bool cursor_apart_ = true;
};

}  // namespace pf::host
