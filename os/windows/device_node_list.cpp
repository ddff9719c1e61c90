#include <algorithm>

#include "device_nodes.hpp"
#include "device_walk.hpp"
#include "interface_guid.hpp"
#include "owned_by_call.hpp"
#include "wide_text.hpp"

namespace pf::os {
namespace {

// The manufacturer in the EDID of the driver's monitors names them to the system.
constexpr std::wstring_view kMonitorPrefix = L"DISPLAY\\PNK";

Result<bool> is_ours(const InstallCalls& calls, DeviceInList& device) {
    return string_property(calls, device, SPDRP_HARDWAREID).map([](const auto& ids) {
        return std::any_of(ids.begin(), ids.end(),
                           [](const auto& id) { return same_text(id, kWideHardwareId); });
    });
}

Result<std::vector<std::wstring>> present_ids(const InstallCalls& calls, const GUID& device_class) {
    std::vector<std::wstring> ids;
    const auto walked =
        for_each_device(calls, &device_class, DIGCF_PRESENT, [&](DeviceInList& device) {
            return instance_id(calls, device).map([&](std::wstring id) {
                ids.push_back(std::move(id));
            });
        });
    return walked.map([&] { return std::move(ids); });
}

bool holds(const std::vector<std::wstring>& ids, const std::wstring& id) {
    return std::any_of(ids.begin(), ids.end(),
                       [&id](const auto& other) { return same_text(id, other); });
}

// A node that was made in the registry and never registered, or whose device is gone, is marked so
// even where the system lists it as present (Wine does).
bool marked_as_phantom(const InstallCalls& calls, const std::wstring& id) {
    const std::wstring path = L"SYSTEM\\CurrentControlSet\\Enum\\" + id;
    DWORD mark = 0;
    DWORD size = sizeof mark;
    return calls.get_value(HKEY_LOCAL_MACHINE, path.c_str(), L"Phantom", RRF_RT_REG_DWORD, nullptr,
                           &mark, &size) == ERROR_SUCCESS &&
           mark != 0;
}

Result<std::string> registry_text(const InstallCalls& calls, HKEY key, const wchar_t* name) {
    wchar_t text[256] = {};
    DWORD size = sizeof text;
    const LSTATUS status = calls.get_value(key, nullptr, name, RRF_RT_REG_SZ, nullptr, text, &size);
    if (status != ERROR_SUCCESS && status != ERROR_FILE_NOT_FOUND) {
        return fail("read driver key", status, Reaction::reject, narrow(name));
    }
    return narrow(status == ERROR_SUCCESS ? text : L"");
}

Result<void> read_driver(const InstallCalls& calls, DeviceInList& device, DriverNode& node) {
    const OwnedByCall key(calls.setup.open_registry_key(device.list.get(), &device.data,
                                                        DICS_FLAG_GLOBAL, 0, DIREG_DRV, KEY_READ),
                          static_cast<HKEY>(INVALID_HANDLE_VALUE), calls.close_key);
    if (!key) {
        return ::GetLastError() == static_cast<DWORD>(ERROR_KEY_DOES_NOT_EXIST)  // no driver yet
                   ? Result<void>()
                   : fail_last("open driver key", node.id);
    }
    const auto version = registry_text(calls, key.get(), L"DriverVersion");
    const auto package = registry_text(calls, key.get(), L"InfPath");
    if (!version || !package) {
        return tl::unexpected(version ? package.error() : version.error());
    }
    node.version = *version;
    node.package = *package;
    return {};
}

Result<bool> interface_is_active(const InstallCalls& calls, const std::wstring& id) {
    const GUID guid = interface_guid();
    const DeviceInfoList list(
        calls.setup, calls.setup.get_class_devs(&guid, id.c_str(), nullptr, DIGCF_DEVICEINTERFACE));
    if (!list) {
        return fail_last("list device interfaces", "of " + narrow(id));
    }
    SP_DEVICE_INTERFACE_DATA data{};
    data.cbSize = sizeof data;
    for (DWORD index = 0; calls.setup.enum_interfaces(list.get(), nullptr, &guid, index, &data);
         ++index) {
        if ((data.Flags & SPINT_ACTIVE) != 0) {
            return true;
        }
    }
    return ::GetLastError() == ERROR_NO_MORE_ITEMS
               ? Result<bool>(false)
               : fail_last("list device interfaces", "of " + narrow(id));
}

// Where the configuration manager has no word of a node (Wine: no bit is set, while any node that
// is there has DN_ROOT_ENUMERATED), one that never got a driver is a phantom, and the interface of
// another tells whether it runs.
Result<void> read_state(const InstallCalls& calls, DeviceInList& device, const std::wstring& id,
                        DriverNode& node) {
    ULONG status = 0;
    ULONG problem = 0;
    const CONFIGRET asked = calls.setup.get_node_status(&status, &problem, device.data.DevInst, 0);
    if (asked != CR_SUCCESS && asked != CR_NO_SUCH_DEVNODE) {
        return fail("read device status", 0, Reaction::retry,
                    node.id + ": CONFIGRET " + std::to_string(asked));
    }
    const bool has_driver = !node.package.empty() || !node.version.empty();
    if (asked == CR_NO_SUCH_DEVNODE || (status == 0 && !has_driver)) {
        node.present = false;
        return {};
    }
    const auto active = interface_is_active(calls, id);
    if (!active) {
        return tl::unexpected(active.error());
    }
    node.interface_active = *active;
    node.started = status != 0 ? (status & DN_STARTED) != 0 : *active;
    node.problem = (status & DN_HAS_PROBLEM) != 0 ? problem : 0;
    return {};
}

Result<DriverNode> look_at(const InstallCalls& calls, DeviceInList& device, const std::wstring& id,
                           bool listed_as_present) {
    DriverNode node;
    node.id = narrow(id);
    node.present = listed_as_present && !marked_as_phantom(calls, id);
    auto read = read_driver(calls, device, node);
    if (read && node.present) {
        read = read_state(calls, device, id, node);
    }
    return read.map([&] { return std::move(node); });
}

}  // namespace

Result<std::vector<DriverNode>> list_nodes(const InstallCalls& calls) {
    const auto present = present_ids(calls, kDisplayClass);
    if (!present) {
        return tl::unexpected(present.error());
    }
    std::vector<DriverNode> nodes;
    const auto add = [&](DeviceInList& device) -> Result<void> {
        const auto ours = is_ours(calls, device);
        if (!ours || !*ours) {
            return ours.map([](bool) {});
        }
        return instance_id(calls, device)
            .and_then([&](const std::wstring& id) {
                return look_at(calls, device, id, holds(*present, id));
            })
            .map([&](DriverNode node) { nodes.push_back(std::move(node)); });
    };
    return for_each_device(calls, &kDisplayClass, 0, add).map([&] { return std::move(nodes); });
}

Result<std::vector<std::string>> list_phantom_monitors(const InstallCalls& calls) {
    const auto present = present_ids(calls, kMonitorClass);
    if (!present) {
        return tl::unexpected(present.error());
    }
    std::vector<std::string> phantoms;
    const auto add = [&](DeviceInList& device) {
        return instance_id(calls, device).map([&](const std::wstring& id) {
            const bool ours = same_text(id.substr(0, kMonitorPrefix.size()), kMonitorPrefix);
            if (ours && (!holds(*present, id) || marked_as_phantom(calls, id))) {
                phantoms.push_back(narrow(id));
            }
        });
    };
    return for_each_device(calls, &kMonitorClass, 0, add).map([&] { return std::move(phantoms); });
}

}  // namespace pf::os
