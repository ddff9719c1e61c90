#include <pf/os/device_channel.hpp>

#include <algorithm>

#include "device_probe.hpp"
#include "interface_list.hpp"
#include "ioctl_channel.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "open device";

// Which devices hang is a fact of the process: whoever asks next is not to wait for it again.
DeviceProbes& probes() {
    static DeviceProbes all{DeviceCalls{}};
    return all;
}

Result<std::string> path_of(const std::string& instance) {
    const auto all = list_named_interfaces(SetupCalls{});
    if (!all) {
        return tl::unexpected(all.error());
    }
    const auto found = std::find_if(all->begin(), all->end(), [&](const NamedInterface& one) {
        return one.instance.name == instance;
    });
    if (found == all->end()) {
        return fail(kOperation, ERROR_FILE_NOT_FOUND, Reaction::reopen,
                    "there is no instance '" + instance + "'; install a driver");
    }
    return found->path;
}

}  // namespace

Result<std::unique_ptr<DeviceChannel>> DeviceChannel::open(const std::string& instance,
                                                           const Patience& patience,
                                                           const std::string& driver_image) {
    const auto path = path_of(instance);
    if (!path) {
        return tl::unexpected(path.error());
    }
    auto device = probes().open(*path, patience);
    if (!device) {
        device.error().detail = "instance '" + instance + "': " + device.error().detail;
        return tl::unexpected(device.error());
    }
    return std::make_unique<IoctlChannel>(DeviceCalls{}, std::move(*device), driver_image);
}

}  // namespace pf::os
