// The service of a driver that is one of its own (the test driver is; a UMDF driver runs in the
// system's). Internal to os/windows.
#pragma once

#include <string>

#include <pf/os/result.hpp>

#include "install_calls.hpp"

namespace pf::os {

// Of packaging/windows/pf_wdmsim.inf.in.
inline constexpr const wchar_t* kDriverService = L"pf_wdmsim";

// Brings a driver back whose process died. Fallback: it runs already.
Result<void> start_driver_service(const InstallCalls& calls, const std::wstring& name);

// Ends what is left of a driver whose devices are gone, so that the next install loads its file
// anew. False: there was no such service.
Result<bool> remove_driver_service(const InstallCalls& calls, const std::wstring& name);

}  // namespace pf::os
