// The system's calls about screens, so that a test can put others in their place. Internal to
// os/windows.
#pragma once

#include <windows.h>

namespace pf::os {

struct DisplayCalls {
    decltype(&::GetDisplayConfigBufferSizes) buffer_sizes = &::GetDisplayConfigBufferSizes;
    decltype(&::QueryDisplayConfig) query = &::QueryDisplayConfig;
    decltype(&::SetDisplayConfig) set = &::SetDisplayConfig;
    decltype(&::DisplayConfigGetDeviceInfo) device_info = &::DisplayConfigGetDeviceInfo;
    decltype(&::GetThreadDesktop) thread_desktop = &::GetThreadDesktop;
    decltype(&::SetThreadDesktop) set_thread_desktop = &::SetThreadDesktop;
    decltype(&::OpenInputDesktop) open_input_desktop = &::OpenInputDesktop;
    decltype(&::CloseDesktop) close_desktop = &::CloseDesktop;
    decltype(&::SetThreadExecutionState) execution_state = &::SetThreadExecutionState;
};

}  // namespace pf::os
