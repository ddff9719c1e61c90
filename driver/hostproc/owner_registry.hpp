// The host processes that hold a control connection, each under a number of its own. A process is
// held by pid and start, so a reused pid is a new owner. Control thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include <pf/core/dispatch.hpp>
#include <pf/os/process.hpp>

namespace pf::hostproc {

class OwnerRegistry {
public:
    struct Entry {
        os::Process process;
        std::size_t connections = 0;
    };

    // Counts one connection more of the process. Fails when it is gone already (reopen).
    os::Result<core::Owner> enter(std::uint32_t pid);
    // One connection less. True: it was the owner's last, and the owner is forgotten.
    bool leave(core::Owner owner);

    const std::map<core::Owner, Entry>& entries() const { return entries_; }

private:
    std::map<core::Owner, Entry> entries_;
    core::Owner next_owner_ = 1;
};

}  // namespace pf::hostproc
