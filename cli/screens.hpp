// The screens beside a capture: with --isolate all but its own monitor are off as long as it runs.
// What a run that died has left dark is lit again at the next one's start, or by `pfvd topology
// restore`.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include <pf/host/session.hpp>
#include <pf/host/topology.hpp>

namespace pf::cli {

class Screens {
public:
    // `cancel` may be null and outlives this. One at a time on a machine: retry when another
    // program has them. Fallback: not on this system, or not in this session of it.
    static os::Result<std::unique_ptr<Screens>> open(const os::Flag* cancel);
    // True: there were screens to light again. Nothing is touched, and false, when there were none
    // or when a program that lives has them off.
    static os::Result<bool> recover();

    // A session that is opened with `options` lights its monitor and switches the others off, again
    // after each rebuild. It ends before this.
    void care_for(host::SessionOptions& options);
    // Until the monitor that is lit shows itself: the first frame that counts.
    os::Result<host::Frame> first_frame(host::Session& session);
    // Before the session ends.
    os::Result<void> give_back();

private:
    struct Parts {
        os::Handle hold;  // the right to use the journal
        std::unique_ptr<os::DisplaySystem> displays;
        std::unique_ptr<host::JournalStore> journal;
    };
    static os::Result<Parts> take_hold(const std::string& directory);
    Screens(Parts parts, const os::Flag* cancel);
    os::Result<void> light(const os::DisplayEnd& target, const host::Mode& mode);

    Parts parts_;
    std::mutex mutex_;             // the session's thread and the caller's
    host::TopologyKeeper keeper_;  // mutex_
    host::ModeMemory memory_;      // mutex_
};

}  // namespace pf::cli
