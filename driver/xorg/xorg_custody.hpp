// Who may end an X server that was left behind: its record, the lock around decisions about it,
// and the end itself. Shared by the driver that adopts and the keeper that gives up waiting.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <pf/os/handle.hpp>
#include <pf/os/process.hpp>

#include "xorg_launch.hpp"
#include "xorg_record.hpp"

namespace pf::driver {

// Held while one process decides what becomes of the server of a state directory. Ends with the
// object, or with the process.
class XorgCustody {
public:
    // retry: somebody else still decides at the deadline.
    static os::Result<XorgCustody> take(const std::string& directory, std::int64_t deadline_ns);

private:
    explicit XorgCustody(os::Handle directory) : directory_(std::move(directory)) {}
    os::Handle directory_;  // locked
};

// nullopt: there is none, or none that can be read.
std::optional<XorgRecord> read_xorg_record(const XorgFiles& files);

// The very process; null when that one is gone. An error where that cannot be told: it may live.
os::Result<os::Process> find_process(const os::ProcessIdentity& identity);
// The same where not to know is as good as gone.
os::Process open_identified(const os::ProcessIdentity& identity);

// Asks, kills after three seconds, returns when it is gone or cannot be killed either.
void end_process(const os::Process& process);

// What is left of the recorded server: its lock, its socket, its files, the record itself.
void remove_remains(const XorgRecord& record, const XorgFiles& files);

}  // namespace pf::driver
