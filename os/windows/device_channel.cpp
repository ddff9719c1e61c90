#include <pf/os/device_channel.hpp>

namespace pf::os {

Result<std::unique_ptr<DeviceChannel>> DeviceChannel::open(const std::string& instance) {
    return fail("open control channel", 0, Reaction::fallback,
                "instance '" + instance + "': not built yet");
}

Result<std::vector<Instance>> list_instances() {
    return std::vector<Instance>();
}

}  // namespace pf::os
