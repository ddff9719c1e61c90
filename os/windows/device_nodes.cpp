#include "device_nodes.hpp"

#include "device_walk.hpp"
#include "driver_service.hpp"
#include "wide_text.hpp"

namespace pf::os {
namespace {

// The classes' installers leave the default to the caller where they have none (Wine's answer to a
// change of state).
constexpr auto kDoDefault = static_cast<DWORD>(ERROR_DI_DO_DEFAULT);

// True also where the system does not tell. A device that is no longer in the list is gone already.
bool needs_restart(const InstallCalls& calls, DeviceInList& device) {
    SP_DEVINSTALL_PARAMS_W params{};
    params.cbSize = sizeof params;
    if (!calls.get_install_params(device.list.get(), &device.data, &params)) {
        return ::GetLastError() != static_cast<DWORD>(ERROR_NO_SUCH_DEVINST);
    }
    return (params.Flags & (DI_NEEDREBOOT | DI_NEEDRESTART)) != 0;
}

// `Params` begins with its SP_CLASSINSTALL_HEADER. Where the system keeps no parameters (Wine) the
// call itself says what it makes of their absence.
template <typename Params>
bool ask_class(const InstallCalls& calls, DeviceInList& device, DI_FUNCTION function,
               Params params) {
    params.ClassInstallHeader = {sizeof(SP_CLASSINSTALL_HEADER), function};
    (void)calls.setup.set_install_params(device.list.get(), &device.data,
                                         &params.ClassInstallHeader, sizeof params);
    return calls.setup.call_class_installer(function, device.list.get(), &device.data);
}

bool remove(const InstallCalls& calls, DeviceInList& device) {
    SP_REMOVEDEVICE_PARAMS params{};
    params.Scope = DI_REMOVEDEVICE_GLOBAL;
    return ask_class(calls, device, DIF_REMOVE, params);
}

bool change_state(const InstallCalls& calls, DeviceInList& device, DWORD change, DWORD scope) {
    SP_PROPCHANGE_PARAMS params{};
    params.StateChange = change;
    params.Scope = scope;
    return ask_class(calls, device, DIF_PROPERTYCHANGE, params);
}

bool is_disabled(const InstallCalls& calls, const DeviceInList& device) {
    ULONG status = 0;
    ULONG problem = 0;
    return calls.setup.get_node_status(&status, &problem, device.data.DevInst, 0) == CR_SUCCESS &&
           (status & DN_HAS_PROBLEM) != 0 && problem == CM_PROB_DISABLED;
}

// The only way where the system restarts no device: a driver that is a service of its own comes
// back when that is started after its process died.
Result<NodeRestart> start_service(const InstallCalls& calls, DeviceInList& device,
                                  const std::string& id) {
    const auto names = string_property(calls, device, SPDRP_SERVICE);
    if (!names || names->empty()) {
        return names ? fail("restart device", 0, Reaction::fallback,
                            id + ": this system restarts no device, and its driver is no service")
                     : tl::unexpected(names.error());
    }
    return start_driver_service(calls, names->front()).map([&] {
        return NodeRestart{"started the service " + narrow(names->front()) + " of " + id};
    });
}

Result<NodeRestart> restart(const InstallCalls& calls, DeviceInList& device,
                            const std::string& id) {
    const bool disabled = is_disabled(calls, device);
    const bool done = disabled
                          ? change_state(calls, device, DICS_ENABLE, DICS_FLAG_GLOBAL)
                          : change_state(calls, device, DICS_PROPCHANGE, DICS_FLAG_CONFIGSPECIFIC);
    if (!done) {
        return ::GetLastError() == kDoDefault ? start_service(calls, device, id)
                                              : fail_last("restart device", id);
    }
    return NodeRestart{(disabled ? "enabled " : "restarted ") + id, needs_restart(calls, device)};
}

Result<void> register_node(const InstallCalls& calls, DeviceInList& device) {
    // Two ends: the string's and the list's.
    std::wstring ids = kWideHardwareId;
    ids.append(2, L'\0');
    if (!calls.setup.set_property(device.list.get(), &device.data, SPDRP_HARDWAREID,
                                  reinterpret_cast<const BYTE*>(ids.data()),
                                  static_cast<DWORD>(ids.size() * sizeof(wchar_t)))) {
        return fail_last("create device", "its hardware id is refused");
    }
    if (!calls.setup.call_class_installer(DIF_REGISTERDEVICE, device.list.get(), &device.data)) {
        return fail_last("create device", "the system does not register it");
    }
    return {};
}

}  // namespace

Result<std::string> create_node(const InstallCalls& calls) {
    const DeviceInfoList list(calls.setup, calls.setup.create_list(&kDisplayClass, nullptr));
    if (!list) {
        return fail_last("create device", "no list for it");
    }
    // Until it is registered it goes with its list.
    DeviceInList device{list, {}};
    device.data.cbSize = sizeof device.data;
    if (!calls.setup.create_device(list.get(), L"Display", &kDisplayClass, nullptr, nullptr,
                                   DICD_GENERATE_ID, &device.data)) {
        return fail_last("create device", "run this as an administrator");
    }
    // Known before it is registered: what cannot be named could not be taken away again.
    const auto id = instance_id(calls, device);
    if (!id) {
        return tl::unexpected(id.error());
    }
    return register_node(calls, device).map([&] { return narrow(*id); });
}

Result<bool> update_nodes(const InstallCalls& calls, const std::string& inf) {
    BOOL restart = FALSE;
    if (!calls.setup.update_driver(nullptr, kWideHardwareId, widen(inf).c_str(),
                                   INSTALLFLAG_FORCE | INSTALLFLAG_NONINTERACTIVE, &restart)) {
        return fail_last("install driver", inf);
    }
    return restart != FALSE;
}

Result<bool> remove_node(const InstallCalls& calls, const std::string& id) {
    return with_device(calls, id, [&](DeviceInList& device) -> Result<bool> {
        if (!remove(calls, device)) {
            return fail_last("remove device", id);
        }
        return needs_restart(calls, device);
    });
}

Result<NodeRestart> restart_node(const InstallCalls& calls, const std::string& id) {
    return with_device(calls, id, [&](DeviceInList& device) { return restart(calls, device, id); });
}

}  // namespace pf::os
