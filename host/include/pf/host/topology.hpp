// The screens beside a session: lights its monitor, sets the exact mode, switches the other screens
// off if that is asked for, and gives them back, after a crash at the next start. For systems where
// a new monitor joins the desktop of somebody who sits there (Windows); on Linux each call ends
// with Reaction::fallback, or has nothing to do.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pf/host/mode.hpp>
#include <pf/os/clock.hpp>
#include <pf/os/display_topology.hpp>
#include <pf/os/flag.hpp>

namespace pf::host {

// Where the list of screens to light again lies, from before a change until they are lit. It has to
// outlive a crash and a restart of the machine. One keeper at a time uses it.
class JournalStore {
public:
    virtual ~JournalStore() = default;
    // nullopt: there is none. Error: nobody knows.
    virtual os::Result<std::optional<std::string>> read() = 0;
    // When it returns without an error the whole of it is on the disk, and nothing of an earlier
    // one; after an error, one of both is.
    virtual os::Result<void> write(std::string_view text) = 0;
    virtual os::Result<void> remove() = 0;  // none is no error
};

// A file; its directory is there, and only people who may change the screens can write to it.
std::unique_ptr<JournalStore> open_journal_file(std::string path);

struct ModeResult {
    enum class Kind {
        exact,
        needs_arrival,  // the size was not published when the monitor arrived: let it depart, and
                        // arrive with this mode under the same identity; then ask again
        differs,        // the system keeps it at `committed`
    };
    Kind kind = Kind::differs;
    Mode committed;
};

// What was asked of one monitor before, so that a mode that never comes costs one arrival. The
// caller keeps it as long as it keeps the monitor, over its arrivals.
struct ModeMemory {
    std::optional<Mode> arrived_for;
};

// A frame of a ring, of whatever monitor its driver says.
struct FrameOrigin {
    os::DisplayEnd target;
    std::uint32_t width = 0;  // pixels
    std::uint32_t height = 0;
};

// One thread at a time. Every call may take seconds; the caller's flag ends those that only wait
// for a monitor, and never one that lights a screen again. What the system answers to a change is
// not believed: each outcome here was seen in a query after it.
class TopologyKeeper {
public:
    // All of them outlive this; `cancel` may be null.
    TopologyKeeper(os::DisplaySystem& displays, JournalStore& journal,
                   const os::Flag* cancel = nullptr, const os::Clock& clock = os::system_clock());
    ~TopologyKeeper();  // as restore()

    // At a program's start: lights what an earlier run left dark, true if there was something to
    // do. Every other call does so first, once. Error: screens stay dark, the journal stays; what
    // follows works all the same.
    os::Result<bool> recover();

    // Lights a monitor of ours; returns when it is lit and named. Never another instead: an error
    // says whether it is unknown to the system or only dark.
    os::Result<void> activate(const os::DisplayEnd& target);

    // `published`: the modes that the monitor had when it arrived.
    os::Result<ModeResult> set_mode(const os::DisplayEnd& target, const Mode& wanted,
                                    std::span<const Mode> published, ModeMemory& memory);

    // Switches off all but `keep`, which are lit. On an error of the first isolate() all is lit as
    // before; on that of a later one the earlier isolation lasts.
    os::Result<void> isolate(std::span<const os::DisplayEnd> keep);
    bool isolated() const;

    // Returns when `newest` gives a frame of `target` at the mode that it is lit with: only then
    // may a ring's frames be shown. A monitor that was never lit keeps a live ring, too. Asked each
    // 25 ms; screens that sleep are woken once. Error: the monitor is dark, or no frame of it
    // comes.
    os::Result<void> await_picture(const os::DisplayEnd& target,
                                   const std::function<std::optional<FrameOrigin>()>& newest);

    // When the last session leaves, before its monitor is removed: what was lit is lit again.
    // Error: screens stay dark; the journal stays, for another try or the next start.
    os::Result<void> restore();

private:
    class Task;
    std::unique_ptr<Task> task_;
};

}  // namespace pf::host
