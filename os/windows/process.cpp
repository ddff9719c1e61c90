#include <pf/os/process.hpp>

#include <string>

#include "killed_exit_code.hpp"
#include "native_handle.hpp"

namespace pf::os {

namespace {

std::uint64_t start_of(const Handle& process) {
    FILETIME created{};
    FILETIME exited{};
    FILETIME kernel{};
    FILETIME user{};
    if (::GetProcessTimes(handle_of(process), &created, &exited, &kernel, &user) == 0) {
        return 0;
    }
    return (std::uint64_t{created.dwHighDateTime} << 32) | created.dwLowDateTime;
}

DWORD rights_for(ProcessUse use) {
    constexpr DWORD kWatch = SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION;
    return use == ProcessUse::give_handles ? kWatch | PROCESS_DUP_HANDLE : kWatch;
}

}  // namespace

std::uint32_t current_pid() {
    return ::GetCurrentProcessId();
}

Result<ProcessIdentity> identify_process(std::uint32_t pid) {
    return Process::open(pid).map([](const Process& process) { return process.identity(); });
}

Result<Process> Process::open(std::uint32_t pid, ProcessUse use) {
    const char* operation = "open process";
    Process process;
    process.handle_ = adopt_handle(::OpenProcess(rights_for(use), FALSE, pid));
    if (!process.handle_) {
        const DWORD code = ::GetLastError();
        const std::string who = "process " + std::to_string(pid);
        return code == ERROR_INVALID_PARAMETER
                   ? fail(operation, code, Reaction::reopen, who + " is gone")
                   : fail(operation, code, Reaction::reject,
                          who + " belongs to somebody else; run this as an administrator");
    }
    process.identity_ = {pid, start_of(process.handle_)};
    process.own_pid_ = pid;
    if (!process.alive()) {  // somebody else's handle keeps its number in use
        return fail(operation, 0, Reaction::reopen,
                    "process " + std::to_string(pid) + " has ended");
    }
    return process;
}

Process Process::behind(Handle connection, std::uint32_t own_pid) {
    Process process;
    process.handle_ = std::move(connection);
    process.identity_.pid = process.own_pid_ = own_pid;
    process.behind_connection_ = true;
    return process;
}

// A wait that fails says nothing about the process.
bool Process::alive() const {
    return handle_ && ::WaitForSingleObject(handle_of(handle_), 0) != WAIT_OBJECT_0;
}

// There is no signal to ask by: a console program hears Ctrl-Break if it shares our console and is
// the root of a process group, as every child of ours is.
bool stop_process(const Process& process, StopHow how) {
    if (!process.alive()) {
        return false;
    }
    if (how == StopHow::ask && ::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, process.pid()) != 0) {
        return true;
    }
    const Handle hold = adopt_handle(::OpenProcess(PROCESS_TERMINATE, FALSE, process.pid()));
    return hold && ::TerminateProcess(handle_of(hold), kKilledExitCode) != 0;
}

}  // namespace pf::os
