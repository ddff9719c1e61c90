// The one implementation of Displays: wires device, monitors and attachers together.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include <pf/host/displays.hpp>

#include "device/control_device.hpp"
#include "monitor/monitor_manager.hpp"
#include "session/attacher.hpp"

namespace pf::host {

class SharedDisplays : public Displays, public std::enable_shared_from_this<SharedDisplays> {
public:
    struct Options {
        ControlDeviceOptions device;
        MonitorManagerOptions monitors;
    };
    static os::Result<std::shared_ptr<SharedDisplays>> open(DeviceSystem system,
                                                            const Options& options,
                                                            const StopSignal* stop);

    os::Result<std::unique_ptr<Session>> open_session(const SessionOptions& options) override;
    bool pin(std::uint32_t client_id, bool pinned) override;
    std::vector<DisplayStatus> status() const override;

    ControlDevice& device() { return *device_; }
    MonitorManager& monitors() { return *monitors_; }
    // The client's, shared by all its sessions; an anonymous session gets its own. Reject: the
    // client is captured in another format.
    os::Result<std::shared_ptr<Attacher>> attacher_for(std::uint32_t client_id, PixelFormat format);

private:
    SharedDisplays(std::shared_ptr<ControlDevice> device, std::shared_ptr<MonitorManager> monitors)
        : device_(std::move(device)), monitors_(std::move(monitors)) {}

    std::shared_ptr<ControlDevice> device_;
    std::shared_ptr<MonitorManager> monitors_;
    RingGenerations generations_;
    std::mutex mutex_;
    std::map<std::uint32_t, std::weak_ptr<Attacher>> attachers_;  // by client id; mutex_
};

}  // namespace pf::host
