#include <pf/os/device_watch.hpp>

namespace pf::os {

Result<std::unique_ptr<DeviceWatch>> DeviceWatch::start() {
    return fail("watch devices", 0, Reaction::fallback, "nobody tells here: look, it is cheap");
}

}  // namespace pf::os
