#include <pf/os/device_watch.hpp>

#include "device_window.hpp"
#include "interface_guid.hpp"
#include "setup_calls.hpp"

namespace pf::os {

namespace {

// Of cfgmgr32, since Windows 8; the import library does not have them.
using Register = CONFIGRET(WINAPI*)(PCM_NOTIFY_FILTER, PVOID, PCM_NOTIFY_CALLBACK,
                                    PHCMNOTIFICATION);
using Unregister = CONFIGRET(WINAPI*)(HCMNOTIFICATION);

template <typename Call>
Call find_call(const char* name) {
    const HMODULE module = ::GetModuleHandleW(L"cfgmgr32.dll");
    return reinterpret_cast<Call>(
        reinterpret_cast<void*>(module != nullptr ? ::GetProcAddress(module, name) : nullptr));
}

class Notification final : public DeviceWatch {
public:
    Notification(Event changed, Unregister unregister)
        : changed_(std::move(changed)), unregister_(unregister) {}
    ~Notification() override {
        if (registered_ != nullptr) {
            unregister_(registered_);  // waits for a callback that runs
        }
    }
    Result<void> listen(Register call) {
        CM_NOTIFY_FILTER filter{};
        filter.cbSize = sizeof filter;
        filter.FilterType = CM_NOTIFY_FILTER_TYPE_DEVICEINTERFACE;
        filter.u.DeviceInterface.ClassGuid = interface_guid();
        const CONFIGRET code = call(&filter, this, on_change, &registered_);
        if (code != CR_SUCCESS) {
            return fail("watch devices", code, Reaction::fallback,
                        "the system does not tell of devices");
        }
        return {};
    }
    const Event& changed() const override { return changed_; }

private:
    static DWORD CALLBACK on_change(HCMNOTIFICATION, PVOID self, CM_NOTIFY_ACTION action,
                                    PCM_NOTIFY_EVENT_DATA, DWORD) {
        if (action == CM_NOTIFY_ACTION_DEVICEINTERFACEARRIVAL ||
            action == CM_NOTIFY_ACTION_DEVICEINTERFACEREMOVAL) {
            static_cast<Notification*>(self)->changed_.signal();
        }
        return ERROR_SUCCESS;
    }

    const Event changed_;
    const Unregister unregister_;
    HCMNOTIFICATION registered_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<DeviceWatch>> DeviceWatch::start() {
    const auto register_call = find_call<Register>("CM_Register_Notification");
    const auto unregister_call = find_call<Unregister>("CM_Unregister_Notification");
    if (register_call == nullptr || unregister_call == nullptr) {
        return DeviceWindow::start();
    }
    auto changed = Event::create();
    if (!changed) {
        return tl::unexpected(changed.error());
    }
    auto watch = std::make_unique<Notification>(std::move(*changed), unregister_call);
    if (const auto listening = watch->listen(register_call); !listening) {
        return tl::unexpected(listening.error());
    }
    return watch;
}

}  // namespace pf::os
