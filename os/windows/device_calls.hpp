// The system's calls on a device and on its driver's process. Whoever makes them is handed this
// table, so that a test can let each of them fail or never return. Each member is the call of that
// name. Internal to os/windows.
#pragma once

#include <windows.h>

namespace pf::os {

struct DeviceCalls {
    decltype(&::CreateFileW) create_file = ::CreateFileW;
    decltype(&::DeviceIoControl) device_io_control = ::DeviceIoControl;
    decltype(&::GetOverlappedResult) get_overlapped_result = ::GetOverlappedResult;
    decltype(&::CancelIoEx) cancel_io = ::CancelIoEx;
    decltype(&::CreateEventW) create_event = ::CreateEventW;
    decltype(&::QueryFullProcessImageNameW) query_image = ::QueryFullProcessImageNameW;
    decltype(&::DuplicateHandle) duplicate_handle = ::DuplicateHandle;
};

}  // namespace pf::os
