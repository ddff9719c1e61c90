#include "own_handles.hpp"

#include "process_facts.hpp"

namespace pf::driver {

bool OwnHandles::knows(core::Owner, std::uint64_t value) const {
    return describe_handle(value).kind != wdmsim::kOtherObject;
}

os::Handle OwnHandles::take(core::Owner owner, std::uint64_t value) {
    return knows(owner, value) ? os::Handle::adopt(static_cast<os::Handle::Native>(value))
                               : os::Handle();
}

}  // namespace pf::driver
