// Delivered handles where a value is a handle of this very process: its host duplicated it in. Who
// gave a value, the system does not tell; what it names, it does, and only what can be part of a
// delivery is taken.
#pragma once

#include "process/runtime/handle_source.hpp"

namespace pf::driver {

class OwnHandles final : public HandleSource {
public:
    bool knows(core::Owner owner, std::uint64_t value) const override;
    os::Handle take(core::Owner owner, std::uint64_t value) override;
    // What was not adopted is its host's to take back, also when that is gone: then nobody knows
    // whose the values are by now.
    void drop_owner(core::Owner) override {}
};

}  // namespace pf::driver
