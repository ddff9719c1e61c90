#include <pf/os/state_dir.hpp>

#include <windows.h>

#include "wide_text.hpp"

namespace pf::os {

Result<std::string> state_directory() {
    wchar_t base[MAX_PATH];
    const DWORD size = ::GetEnvironmentVariableW(L"LOCALAPPDATA", base, MAX_PATH);
    if (size == 0 || size >= MAX_PATH) {
        return fail("find the state directory", 0, Reaction::reject,
                    "LOCALAPPDATA names none; run this as a user with a profile");
    }
    return narrow({base, size}) + "\\pf-vdisplay";
}

Result<std::string> make_state_directory() {
    auto path = state_directory();
    if (path && !::CreateDirectoryW(widen(*path).c_str(), nullptr) &&
        ::GetLastError() != ERROR_ALREADY_EXISTS) {
        return fail_last("make the state directory", *path);
    }
    return path;
}

}  // namespace pf::os
