// Owner of one SetupAPI list of devices. Internal to os/windows.
#pragma once

#include <utility>

#include "setup_calls.hpp"

namespace pf::os {

class DeviceInfoList {
public:
    // `list` as get_class_devs or create_list returned it; `calls` outlives this.
    DeviceInfoList(const SetupCalls& calls, HDEVINFO list) : calls_(&calls), list_(list) {}
    DeviceInfoList(DeviceInfoList&& other) noexcept
        : calls_(other.calls_), list_(std::exchange(other.list_, INVALID_HANDLE_VALUE)) {}
    DeviceInfoList& operator=(DeviceInfoList&&) = delete;
    // Keeps the last error, so that a failure can be told after the list is gone.
    ~DeviceInfoList() {
        if (*this) {
            const DWORD error = ::GetLastError();
            (void)calls_->destroy_list(list_);
            ::SetLastError(error);
        }
    }

    HDEVINFO get() const { return list_; }
    explicit operator bool() const { return list_ != INVALID_HANDLE_VALUE; }

private:
    const SetupCalls* calls_;
    HDEVINFO list_;
};

}  // namespace pf::os
