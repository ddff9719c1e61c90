#include "thread_name.hpp"

#include <windows.h>

#include "wide_text.hpp"

namespace pf::os {

// SetThreadDescription is there since Windows 10 1607.
void name_this_thread(const char* name) {
    using SetDescription = HRESULT(WINAPI*)(HANDLE, PCWSTR);
    static const auto set_description = reinterpret_cast<SetDescription>(reinterpret_cast<void*>(
        ::GetProcAddress(::GetModuleHandleW(L"kernel32.dll"), "SetThreadDescription")));
    if (set_description != nullptr) {
        (void)set_description(::GetCurrentThread(), widen(name).c_str());
    }
}

}  // namespace pf::os
