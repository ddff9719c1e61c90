// SetupAPI and the configuration manager of the fake.
#include <cstring>
#include <utility>

#include "fake_calls.hpp"
#include "fake_windows.hpp"

namespace pf::os::test {
namespace {

struct List {
    std::vector<std::size_t> devices;  // places in FakeWindows::devices
    bool interfaces = false;
    DWORD change = 0;  // of the parameters that were set last
};

List& list_of(HDEVINFO list) {
    return *static_cast<List*>(list);
}

FakeDevice& device_of(const SP_DEVINFO_DATA* data) {
    return fake_windows->devices.at(data->DevInst - 1);
}

bool same(const std::wstring& a, const wchar_t* b) {
    return ::_wcsicmp(a.c_str(), b) == 0;
}

bool is_class(const FakeDevice& device, const GUID& device_class) {
    return device.monitor == (device_class.Data1 == 0x4d36e96e);
}

HDEVINFO new_list(List list) {
    ++fake_windows->open;
    return new List(std::move(list));
}

HDEVINFO WINAPI get_class_devs(const GUID* device_class, PCWSTR enumerator, HWND, DWORD flags) {
    if (fake_windows->fail_now("SetupDiGetClassDevsW")) {
        return INVALID_HANDLE_VALUE;
    }
    List list;
    list.interfaces = (flags & DIGCF_DEVICEINTERFACE) != 0;
    for (std::size_t i = 0; i < fake_windows->devices.size(); ++i) {
        const FakeDevice& device = fake_windows->devices[i];
        const bool listed = (flags & DIGCF_PRESENT) == 0 || device.present || device.marked;
        const bool asked =
            list.interfaces
                ? same(device.id, enumerator)
                : (device_class == nullptr || is_class(device, *device_class)) && listed;
        if (device.registered && asked) {
            list.devices.push_back(i);
        }
    }
    return new_list(std::move(list));
}

HDEVINFO WINAPI create_list(const GUID*, HWND) {
    return fake_windows->fail_now("SetupDiCreateDeviceInfoList") ? INVALID_HANDLE_VALUE
                                                                 : new_list({});
}

BOOL WINAPI destroy_list(HDEVINFO handle) {
    List* const list = static_cast<List*>(handle);
    for (const std::size_t place : list->devices) {
        FakeDevice& device = fake_windows->devices[place];
        if (!device.registered) {
            device.hardware_id = L"gone";
        }
    }
    --fake_windows->open;
    delete list;
    return TRUE;
}

BOOL WINAPI enum_devices(HDEVINFO list, DWORD index, SP_DEVINFO_DATA* data) {
    if (fake_windows->fail_now("SetupDiEnumDeviceInfo")) {
        return FALSE;
    }
    if (index >= list_of(list).devices.size()) {
        return refuse(ERROR_NO_MORE_ITEMS);
    }
    data->DevInst = static_cast<DWORD>(list_of(list).devices[index] + 1);
    return TRUE;
}

BOOL WINAPI enum_interfaces(HDEVINFO list, SP_DEVINFO_DATA*, const GUID*, DWORD index,
                            SP_DEVICE_INTERFACE_DATA* data) {
    if (fake_windows->fail_now("SetupDiEnumDeviceInterfaces")) {
        return FALSE;
    }
    if (index >= list_of(list).devices.size()) {
        return refuse(ERROR_NO_MORE_ITEMS);
    }
    const FakeDevice& device = fake_windows->devices[list_of(list).devices[index]];
    data->Flags = !device.loaded.empty() ? SPINT_ACTIVE : 0;
    return TRUE;
}

BOOL WINAPI get_instance_id(HDEVINFO, SP_DEVINFO_DATA* data, PWSTR id, DWORD size, DWORD*) {
    if (fake_windows->fail_now("SetupDiGetDeviceInstanceIdW")) {
        return FALSE;
    }
    ::lstrcpynW(id, device_of(data).id.c_str(), static_cast<int>(size));
    return TRUE;
}

BOOL WINAPI get_property(HDEVINFO, SP_DEVINFO_DATA* data, DWORD property, DWORD*, BYTE* buffer,
                         DWORD size, DWORD*) {
    if (fake_windows->fail_now("SetupDiGetDeviceRegistryPropertyW")) {
        return FALSE;
    }
    const FakeDevice& device = device_of(data);
    const std::wstring text = property == SPDRP_SERVICE ? device.service : device.hardware_id;
    if (text.empty()) {
        return refuse(ERROR_INVALID_DATA);
    }
    const std::size_t bytes = (text.size() + 1) * sizeof(wchar_t);
    if (bytes > size) {
        return refuse(ERROR_INSUFFICIENT_BUFFER);
    }
    std::memcpy(buffer, text.c_str(), bytes);
    return TRUE;
}

HKEY WINAPI open_registry_key(HDEVINFO, SP_DEVINFO_DATA* data, DWORD, DWORD, DWORD, REGSAM) {
    if (fake_windows->fail_now("SetupDiOpenDevRegKey")) {
        return static_cast<HKEY>(INVALID_HANDLE_VALUE);
    }
    if (device_of(data).version.empty()) {
        ::SetLastError(static_cast<DWORD>(ERROR_KEY_DOES_NOT_EXIST));
        return static_cast<HKEY>(INVALID_HANDLE_VALUE);
    }
    ++fake_windows->open;
    return reinterpret_cast<HKEY>(static_cast<std::uintptr_t>(data->DevInst));
}

LSTATUS WINAPI close_key(HKEY) {
    --fake_windows->open;
    return ERROR_SUCCESS;
}

// The mark of a phantom by its path, or a value of a driver's key.
LSTATUS WINAPI get_value(HKEY key, PCWSTR path, PCWSTR name, DWORD, DWORD*, void* value,
                         DWORD* size) {
    if (fake_windows->fail_now("RegGetValueW")) {
        return ERROR_GEN_FAILURE;
    }
    if (key == HKEY_LOCAL_MACHINE) {
        for (const FakeDevice& device : fake_windows->devices) {
            if (device.marked && std::wstring(path).ends_with(device.id)) {
                *static_cast<DWORD*>(value) = 1;
                return ERROR_SUCCESS;
            }
        }
        return ERROR_FILE_NOT_FOUND;
    }
    const FakeDevice& device = fake_windows->devices.at(reinterpret_cast<std::uintptr_t>(key) - 1);
    const std::wstring text = same(name, L"InfPath")
                                  ? device.package
                                  : std::wstring(device.version.begin(), device.version.end());
    ::lstrcpynW(static_cast<wchar_t*>(value), text.c_str(),
                static_cast<int>(*size / sizeof(wchar_t)));
    return ERROR_SUCCESS;
}

BOOL WINAPI create_device(HDEVINFO list, PCWSTR, const GUID*, PCWSTR, HWND, DWORD,
                          SP_DEVINFO_DATA* data) {
    if (fake_windows->fail_now("SetupDiCreateDeviceInfoW")) {
        return FALSE;
    }
    const std::size_t place = fake_windows->devices.size();
    fake_windows->devices.push_back({.id = L"ROOT\\DISPLAY\\100" + std::to_wstring(place),
                                     .hardware_id = L"",
                                     .registered = false});
    list_of(list).devices.push_back(place);
    data->DevInst = static_cast<DWORD>(place + 1);
    return TRUE;
}

BOOL WINAPI set_property(HDEVINFO, SP_DEVINFO_DATA* data, DWORD, const BYTE* value, DWORD) {
    if (fake_windows->fail_now("SetupDiSetDeviceRegistryPropertyW")) {
        return FALSE;
    }
    device_of(data).hardware_id = reinterpret_cast<const wchar_t*>(value);
    return TRUE;
}

BOOL WINAPI set_install_params(HDEVINFO list, SP_DEVINFO_DATA*, SP_CLASSINSTALL_HEADER* header,
                               DWORD) {
    if (fake_windows->fail_now("SetupDiSetClassInstallParamsW")) {
        return FALSE;
    }
    if (header->InstallFunction == DIF_PROPERTYCHANGE) {
        list_of(list).change = reinterpret_cast<SP_PROPCHANGE_PARAMS*>(header)->StateChange;
    }
    return TRUE;
}

BOOL WINAPI get_install_params(HDEVINFO, SP_DEVINFO_DATA*, SP_DEVINSTALL_PARAMS_W* params) {
    if (fake_windows->fail_now("SetupDiGetDeviceInstallParamsW")) {
        return FALSE;
    }
    params->Flags = 0;
    return TRUE;
}

void run(FakeDevice& device) {
    device.loaded = fake_windows->runs && !device.disabled ? device.version : "";
}

void change_state(FakeDevice& device, DWORD change) {
    device.disabled = device.disabled && change != DICS_ENABLE;
    if (!device.pending.empty() && fake_windows->kept == Kept::until_restart) {
        device.version = std::exchange(device.pending, {});
    }
    run(device);
}

BOOL WINAPI call_class_installer(DI_FUNCTION function, HDEVINFO list, SP_DEVINFO_DATA* data) {
    if (fake_windows->fail_now("SetupDiCallClassInstaller")) {
        return FALSE;
    }
    FakeDevice& device = device_of(data);
    if (function == DIF_REGISTERDEVICE) {
        device.registered = true;
    } else if (function == DIF_REMOVE) {
        device.registered = false;
        device.hardware_id = L"gone";
    } else if (!fake_windows->restarts_devices) {
        return refuse(static_cast<DWORD>(ERROR_DI_DO_DEFAULT));
    } else if (list_of(list).change == 0) {
        return refuse(static_cast<DWORD>(ERROR_NO_CLASSINSTALL_PARAMS));
    } else {
        change_state(device, list_of(list).change);
    }
    return TRUE;
}

std::wstring add_package() {
    for (const FakePackage& package : fake_windows->packages) {
        if (package.text.empty() && package.version == fake_windows->new_version) {
            return package.name;
        }
    }
    const std::wstring name =
        L"oem" + std::to_wstring(20 + fake_windows->packages.size()) + L".inf";
    fake_windows->packages.push_back({name, fake_windows->new_version});
    return name;
}

bool old_one_is_stored() {
    for (const FakePackage& package : fake_windows->packages) {
        if (package.text.empty() && package.version != fake_windows->new_version) {
            return true;
        }
    }
    return false;
}

void put_driver_on(FakeDevice& device, const std::wstring& package, BOOL* restart) {
    const Kept kept = device.version.empty() ? Kept::never : fake_windows->kept;
    if (kept == Kept::for_ever || (kept == Kept::silently && old_one_is_stored())) {
        return;
    }
    if (kept == Kept::until_restart) {
        device.pending = fake_windows->new_version;
        *restart = TRUE;
        return;
    }
    device.version = fake_windows->new_version;
    device.package = package;
    run(device);
}

BOOL WINAPI update_driver(HWND, PCWSTR hardware_id, PCWSTR, DWORD, BOOL* restart) {
    if (fake_windows->fail_now("UpdateDriverForPlugAndPlayDevicesW")) {
        return FALSE;
    }
    // As the system does: the package first, whatever becomes of the devices.
    const std::wstring package = add_package();
    if (!fake_windows->installs) {
        return refuse(ERROR_INSTALL_FAILURE);
    }
    bool any = false;
    for (FakeDevice& device : fake_windows->devices) {
        if (device.registered && device.present && same(device.hardware_id, hardware_id)) {
            put_driver_on(device, package, restart);
            any = true;
        }
    }
    return any ? TRUE : refuse(static_cast<DWORD>(ERROR_NO_SUCH_DEVINST));
}

CONFIGRET WINAPI get_node_status(ULONG* status, ULONG* problem, DEVINST node, ULONG) {
    if (fake_windows->fail_now("CM_Get_DevNode_Status")) {
        return CR_FAILURE;
    }
    const FakeDevice& device = fake_windows->devices.at(node - 1);
    if (!device.present) {
        return CR_NO_SUCH_DEVNODE;
    }
    *status = DN_ROOT_ENUMERATED | (device.loaded.empty() ? DN_HAS_PROBLEM : DN_STARTED);
    *problem =
        device.loaded.empty() ? (device.disabled ? CM_PROB_DISABLED : CM_PROB_FAILED_START) : 0;
    return CR_SUCCESS;
}

}  // namespace

void add_device_calls(InstallCalls& calls) {
    SetupCalls& setup = calls.setup;
    setup.get_class_devs = get_class_devs;
    setup.create_list = create_list;
    setup.destroy_list = destroy_list;
    setup.enum_devices = enum_devices;
    setup.enum_interfaces = enum_interfaces;
    setup.get_instance_id = get_instance_id;
    setup.get_property = get_property;
    setup.open_registry_key = open_registry_key;
    setup.create_device = create_device;
    setup.set_property = set_property;
    setup.set_install_params = set_install_params;
    setup.call_class_installer = call_class_installer;
    setup.update_driver = update_driver;
    setup.get_node_status = get_node_status;
    calls.get_install_params = get_install_params;
    calls.get_value = get_value;
    calls.close_key = close_key;
}

}  // namespace pf::os::test
