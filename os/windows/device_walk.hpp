// Walks over lists of devices and reads what a device says of itself. Internal to os/windows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <pf/os/result.hpp>

#include "device_info_list.hpp"
#include "install_calls.hpp"
#include "wide_text.hpp"

namespace pf::os {

// {4d36e968-e325-11ce-bfc1-08002be10318} and {4d36e96e-...}: GUID_DEVCLASS_DISPLAY and _MONITOR of
// devguid.h, which only defines them where INITGUID is.
inline constexpr GUID kDisplayClass = {
    0x4d36e968, 0xe325, 0x11ce, {0xbf, 0xc1, 0x08, 0x00, 0x2b, 0xe1, 0x03, 0x18}};
inline constexpr GUID kMonitorClass = {
    0x4d36e96e, 0xe325, 0x11ce, {0xbf, 0xc1, 0x08, 0x00, 0x2b, 0xe1, 0x03, 0x18}};

// A device in a list; both outlive what uses them.
struct DeviceInList {
    const DeviceInfoList& list;
    SP_DEVINFO_DATA data;
};

// What the property is, its strings one after the other; empty: it has none.
Result<std::vector<std::wstring>> string_property(const InstallCalls& calls, DeviceInList& device,
                                                  DWORD property);

Result<std::wstring> instance_id(const InstallCalls& calls, DeviceInList& device);

bool same_text(std::wstring_view a, std::wstring_view b);  // letters of either case

// Every device of the class, null: of all; `flags` of SetupDiGetClassDevs. `visit` is
// Result<void>(DeviceInList&) and ends the walk by an error.
template <typename Visit>
Result<void> for_each_device(const InstallCalls& calls, const GUID* device_class, DWORD flags,
                             Visit&& visit) {
    const DWORD all = device_class == nullptr ? DIGCF_ALLCLASSES : 0;
    const DeviceInfoList list(
        calls.setup, calls.setup.get_class_devs(device_class, nullptr, nullptr, flags | all));
    if (!list) {
        return fail_last("list devices", "the system gives no list of the class");
    }
    for (DWORD index = 0;; ++index) {
        DeviceInList device{list, {}};
        device.data.cbSize = sizeof device.data;
        if (!calls.setup.enum_devices(list.get(), index, &device.data)) {
            break;
        }
        if (auto visited = visit(device); !visited) {
            return visited;
        }
    }
    return ::GetLastError() == ERROR_NO_MORE_ITEMS
               ? Result<void>()
               : fail_last("list devices", "the list ends with an error");
}

// `use` is Result<T>(DeviceInList&), called with the device of that id, present or a phantom. (A
// device is not opened by its id, since Wine finds no phantom so.)
template <typename Use>
auto with_device(const InstallCalls& calls, const std::string& id, Use&& use)
    -> decltype(use(std::declval<DeviceInList&>())) {
    std::optional<decltype(use(std::declval<DeviceInList&>()))> outcome;
    const std::wstring wanted = widen(id);
    const auto walked =
        for_each_device(calls, nullptr, 0, [&](DeviceInList& device) -> Result<void> {
            const auto found = outcome ? Result<std::wstring>() : instance_id(calls, device);
            if (found && same_text(*found, wanted)) {
                outcome.emplace(use(device));
            }
            return found.map([](const auto&) {});
        });
    if (outcome) {
        return std::move(*outcome);
    }
    return walked ? fail("find device", 0, Reaction::reject, id + ": there is none of that name")
                  : tl::unexpected(walked.error());
}

}  // namespace pf::os
