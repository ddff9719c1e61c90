// The host processes that hold a control connection, each under a number of its own. A process is
// held by pid and start, so a reused pid is a new owner. One that cannot be held (it lives in
// another pid namespace, or the system does not permit it) is as many owners as it has connections,
// and each ends with its connection. Control thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include <pf/core/dispatch.hpp>
#include <pf/os/process.hpp>

namespace pf::driver {

class OwnerRegistry {
public:
    struct Entry {
        os::Process process;  // empty: it cannot be held
        std::size_t connections = 0;
    };

    // Counts one connection more of the process; 0: one that has no number here. Fails when it is
    // gone already (reopen).
    os::Result<core::Owner> enter(std::uint32_t pid);
    // One connection less. True: it was the owner's last, and the owner is forgotten.
    bool leave(core::Owner owner);

    // Its process is held; false also for an owner that is none.
    bool is_held(core::Owner owner) const;

    const std::map<core::Owner, Entry>& entries() const { return entries_; }

private:
    std::map<core::Owner, Entry> entries_;
    core::Owner next_owner_ = 1;
};

}  // namespace pf::driver
