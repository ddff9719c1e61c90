// Where the handles are that host processes gave us, by the value that names each until an
// operation adopts it. The shell has it: a table of its own, or the process's. Control thread only.
#pragma once

#include <cstdint>

#include <pf/core/owner.hpp>
#include <pf/os/handle.hpp>

namespace pf::driver {

class HandleSource {
public:
    virtual ~HandleSource() = default;
    // Whether `owner` may hand over this value.
    virtual bool knows(core::Owner owner, std::uint64_t value) const = 0;
    // Ours to close from now on. Empty: no such value, or another owner's. Once for each value that
    // is delivered: where the process's own table is the source, the value stays the handle's.
    virtual os::Handle take(core::Owner owner, std::uint64_t value) = 0;
    // The owner is gone: what it gave and no operation adopted goes, where it would stay else.
    virtual void drop_owner(core::Owner owner) = 0;
};

}  // namespace pf::driver
