#include "session/shared_displays.hpp"

#include <algorithm>

#include "device/first_open.hpp"
#include "session/live_session.hpp"
#include "session/option_check.hpp"
#include "want_of_memory.hpp"

namespace pf::host {
namespace {

DisplayState to_public(SlotState state) {
    switch (state) {
        case SlotState::lingering: return DisplayState::lingering;
        case SlotState::pinned: return DisplayState::pinned;
        default: return DisplayState::active;
    }
}

os::Result<std::shared_ptr<SharedDisplays>> open_real(const DisplaysOptions& options,
                                                      std::int64_t recovery_ns,
                                                      const os::Flag* cancel) {
    auto wake = os::Flag::create();
    if (!wake) {
        return tl::unexpected(wake.error());
    }
    const StopSignal stop(std::move(*wake), cancel);
    return SharedDisplays::open(
        DeviceSystem::real(options.driver_image),
        {.device = {.instance = options.instance,
                    .clear_first = clear_once_in_this_process,
                    .restart_device = options.restart_device,
                    .recovery = {.budget_ns = std::min(RecoveryTimes{}.budget_ns, recovery_ns)}},
         .monitors = {.linger_ns = options.linger_ns}},
        &stop);
}

}  // namespace

std::string_view to_string(DisplayState state) {
    switch (state) {
        case DisplayState::active: return "active";
        case DisplayState::lingering: return "lingering";
        case DisplayState::pinned: break;
    }
    return "pinned";
}

os::Result<std::shared_ptr<Displays>> Displays::open(const DisplaysOptions& options) {
    return told_without_memory("open displays", [&]() -> os::Result<std::shared_ptr<Displays>> {
        if (const auto checked = check_options(options); !checked) {
            return tl::unexpected(checked.error());
        }
        auto opened = open_real(options, os::kNever, nullptr);
        if (!opened) {
            return tl::unexpected(opened.error());
        }
        return *opened;
    });
}

os::Result<std::unique_ptr<Session>> Session::open(const SessionOptions& options) {
    return told_without_memory("open a session", [&]() -> os::Result<std::unique_ptr<Session>> {
        if (const auto checked = check_options(options); !checked) {
            return tl::unexpected(checked.error());
        }
        auto displays = open_real({.instance = options.instance,
                                   .linger_ns = 0,
                                   .driver_image = options.driver_image,
                                   .restart_device = options.restart_device},
                                  options.policy.budget_ns, options.cancel);
        if (!displays) {
            return tl::unexpected(displays.error());
        }
        return (*displays)->open_session(options);
    });
}

os::Result<std::shared_ptr<SharedDisplays>> SharedDisplays::open(DeviceSystem system,
                                                                 const Options& options,
                                                                 const StopSignal* stop) {
    auto device = ControlDevice::open(std::move(system), options.device, stop);
    if (!device) {
        return tl::unexpected(device.error());
    }
    std::shared_ptr<ControlDevice> shared_device = std::move(*device);
    auto monitors = MonitorManager::create(shared_device, options.monitors);
    if (!monitors) {
        return tl::unexpected(monitors.error());
    }
    return std::shared_ptr<SharedDisplays>(
        new SharedDisplays(std::move(shared_device), std::move(*monitors)));
}

os::Result<std::unique_ptr<Session>> SharedDisplays::open_session(const SessionOptions& options) {
    return told_without_memory("open a session", [&]() -> os::Result<std::unique_ptr<Session>> {
        if (const auto checked = check_options(options); !checked) {
            return tl::unexpected(checked.error());
        }
        return LiveSession::open(shared_from_this(), options);
    });
}

bool SharedDisplays::pin(std::uint32_t client_id, bool pinned) {
    return monitors_->pin(client_id, pinned);
}

std::vector<DisplayStatus> SharedDisplays::status() const {
    std::vector<DisplayStatus> all;
    for (const MonitorStatus& m : monitors_->status()) {
        all.push_back(
            {m.client_id, m.monitor_id, m.references, to_public(m.state), m.pinned, m.mode});
    }
    return all;
}

os::Result<std::shared_ptr<Attacher>> SharedDisplays::attacher_for(std::uint32_t client_id,
                                                                   PixelFormat format) {
    if (client_id == 0) {
        return std::make_shared<Attacher>(format, generations_);
    }
    const std::lock_guard lock(mutex_);
    auto attacher = attachers_[client_id].lock();
    if (attacher == nullptr) {
        attacher = std::make_shared<Attacher>(format, generations_);
        attachers_[client_id] = attacher;
    } else if (attacher->format() != format) {
        return os::fail("open a session", 0, os::Reaction::reject,
                        "client " + std::to_string(client_id) +
                            " is captured in another pixel format; ask for the same");
    }
    return attacher;
}

}  // namespace pf::host
