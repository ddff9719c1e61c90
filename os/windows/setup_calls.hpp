// The calls of SetupAPI and the configuration manager that list, make and change devices. Whoever
// makes them is handed this table, so that a test can let each of them fail. Each member is the
// call of that name, with its parameters, its way to fail and its last error. Internal to
// os/windows.
#pragma once

#include <windows.h>
// After windows.h.
#include <cfgmgr32.h>
#include <newdev.h>
#include <setupapi.h>

namespace pf::os {

struct SetupCalls {
    // Lists of devices. INVALID_HANDLE_VALUE is the failure; every list is destroyed once.
    decltype(&::SetupDiGetClassDevsW) get_class_devs = ::SetupDiGetClassDevsW;
    decltype(&::SetupDiCreateDeviceInfoList) create_list = ::SetupDiCreateDeviceInfoList;
    decltype(&::SetupDiDestroyDeviceInfoList) destroy_list = ::SetupDiDestroyDeviceInfoList;

    // What is in one.
    decltype(&::SetupDiEnumDeviceInterfaces) enum_interfaces = ::SetupDiEnumDeviceInterfaces;
    decltype(&::SetupDiGetDeviceInterfaceDetailW) get_interface_detail =
        ::SetupDiGetDeviceInterfaceDetailW;
    decltype(&::SetupDiEnumDeviceInfo) enum_devices = ::SetupDiEnumDeviceInfo;
    decltype(&::SetupDiGetDeviceInstanceIdW) get_instance_id = ::SetupDiGetDeviceInstanceIdW;
    decltype(&::SetupDiGetDeviceRegistryPropertyW) get_property =
        ::SetupDiGetDeviceRegistryPropertyW;
    decltype(&::SetupDiOpenDevRegKey) open_registry_key = ::SetupDiOpenDevRegKey;

    // Making and changing.
    decltype(&::SetupDiCreateDeviceInfoW) create_device = ::SetupDiCreateDeviceInfoW;
    decltype(&::SetupDiSetDeviceRegistryPropertyW) set_property =
        ::SetupDiSetDeviceRegistryPropertyW;
    decltype(&::SetupDiSetClassInstallParamsW) set_install_params = ::SetupDiSetClassInstallParamsW;
    decltype(&::SetupDiCallClassInstaller) call_class_installer = ::SetupDiCallClassInstaller;
    decltype(&::UpdateDriverForPlugAndPlayDevicesW) update_driver =
        ::UpdateDriverForPlugAndPlayDevicesW;

    // The configuration manager: CR_SUCCESS or another CONFIGRET, no last error.
    decltype(&::CM_Locate_DevNodeW) locate_node = ::CM_Locate_DevNodeW;
    decltype(&::CM_Get_DevNode_Status) get_node_status = ::CM_Get_DevNode_Status;
};

}  // namespace pf::os
