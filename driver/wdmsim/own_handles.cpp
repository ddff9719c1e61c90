#include "own_handles.hpp"

#include "process_facts.hpp"

#include <windows.h>

namespace pf::driver {

bool OwnHandles::knows(core::Owner, std::uint64_t value) const {
    return describe_handle(value).kind != wdmsim::kOtherObject;
}

os::Handle OwnHandles::take(core::Owner owner, std::uint64_t value) {
    HANDLE taken = nullptr;
    if (!knows(owner, value) ||
        !DuplicateHandle(GetCurrentProcess(), reinterpret_cast<HANDLE>(value), GetCurrentProcess(),
                         &taken, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE)) {
        return {};
    }
    return os::Handle::adopt(reinterpret_cast<os::Handle::Native>(taken));
}

}  // namespace pf::driver
