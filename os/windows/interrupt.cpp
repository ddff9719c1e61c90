#include <windows.h>

#include <cstdlib>

#include "interrupt_handler.hpp"
#include "killed_exit_code.hpp"

namespace pf::os {

namespace {

// On a thread of the system's own. After a closed console, a logoff and a shutdown the process ends
// when this returns, so it stays here while the orderly end runs; the system ends it all the same.
BOOL WINAPI on_interrupt(DWORD kind) {
    if (!note_interrupt()) {
        ::TerminateProcess(::GetCurrentProcess(), kKilledExitCode);
    }
    if (kind != CTRL_C_EVENT && kind != CTRL_BREAK_EVENT) {
        ::Sleep(INFINITE);
    }
    return TRUE;
}

}  // namespace

bool install_interrupt_handler() {
    return ::SetConsoleCtrlHandler(on_interrupt, TRUE) != 0;
}

void end_at_once(int exit_code) {
    ::TerminateProcess(::GetCurrentProcess(), static_cast<UINT>(exit_code));
    std::abort();  // not reached
}

}  // namespace pf::os
