// The one loop that carries procedures out: look, ask for the next action, act, look again. No
// change is made before all that is lit stands in the journal.
#pragma once

#include <optional>
#include <span>

#include <pf/host/topology.hpp>

#include "topology/journal_keeper.hpp"
#include "topology/procedure.hpp"
#include "topology/restoration.hpp"

namespace pf::host {

class TopologyKeeper::Task {
public:
    Task(os::DisplaySystem& displays, JournalStore& journal, const os::Flag* cancel,
         const os::Clock& clock)
        : displays_(displays), journal_(journal), cancel_(cancel), clock_(clock) {}

    os::Result<bool> recover();
    os::Result<void> activate(const DisplayEnd& target);
    os::Result<ModeResult> set_mode(const DisplayEnd& target, const Mode& wanted,
                                    std::span<const Mode> published, ModeMemory& memory);
    os::Result<void> isolate(std::span<const DisplayEnd> keep);
    os::Result<void> await_picture(const DisplayEnd& target,
                                   const std::function<std::optional<FrameOrigin>()>& newest);
    os::Result<void> restore();
    bool isolated() const { return isolated_; }

private:
    os::Result<void> run(Procedure& procedure, const os::Flag* cancel);
    os::Result<void> pause(std::int64_t until_ns, const os::Flag* cancel) const;
    os::Result<void> act(const Action& action, const os::Result<DisplayPaths>& seen,
                         const os::Flag* cancel);
    os::Result<void> change(const Action& action, const DisplayPaths& seen);
    os::Result<void> cover_newcomers(const DisplayPaths& all);
    // Whatever became of a change: nothing that was lit stays dark by it, unless on purpose.
    os::Result<void> conclude(const os::Result<void>& ran);
    os::Result<void> light_again(Restoration::PutBack put_back);
    tl::unexpected<os::Error> blame(const char* operation, std::string detail) const;

    os::DisplaySystem& displays_;
    JournalKeeper journal_;
    const os::Flag* cancel_;
    const os::Clock& clock_;
    bool recovered_ = false;
    bool isolated_ = false;
    std::optional<DisplayPaths> saved_;         // what was lit before the first change
    std::optional<std::vector<Screen>> known_;  // what was connected then, and is since
    std::optional<os::Error> last_error_;       // of the system, for the text of ours
};

}  // namespace pf::host
