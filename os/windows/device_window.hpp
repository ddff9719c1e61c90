// News of devices by WM_DEVICECHANGE, on a window that nobody sees and a thread of its own: for
// systems that have no other way. Internal to os/windows.
#pragma once

#include <pf/os/device_watch.hpp>
#include <pf/os/thread.hpp>

#include <windows.h>

namespace pf::os {

class DeviceWindow final : public DeviceWatch {
public:
    static Result<std::unique_ptr<DeviceWatch>> start();
    ~DeviceWindow() override;
    const Event& changed() const override { return changed_; }

private:
    explicit DeviceWindow(Event changed) : changed_(std::move(changed)) {}

    const Event changed_;
    HWND window_ = nullptr;  // the thread's
    GuardedThread thread_;
};

}  // namespace pf::os
