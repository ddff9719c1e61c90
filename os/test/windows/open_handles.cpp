#include <pf/os/test/open_handles.hpp>

#include <algorithm>
#include <array>

#include "native_handle.hpp"

namespace pf::os::test {

// Handle values are indices into one table, in steps of 4: when its free entries are used up, the
// highest value tells how many there are in all. (GetProcessHandleCount tells nothing under Wine.)
std::size_t open_handles() {
    std::array<Handle, 512> probes;
    std::size_t highest = 0;
    for (Handle& probe : probes) {
        probe = adopt_handle(::CreateEventW(nullptr, FALSE, FALSE, nullptr));
        if (!probe) {
            return 0;
        }
        highest = std::max(highest, static_cast<std::size_t>(probe.native()));
    }
    return highest / 4 - probes.size();
}

}  // namespace pf::os::test
