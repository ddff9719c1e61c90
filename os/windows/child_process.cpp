#include <pf/os/process.hpp>

#include <map>
#include <utility>

#include <pf/os/wait.hpp>

#include "killed_exit_code.hpp"
#include "native_handle.hpp"
#include "wide_text.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "run program";

// So that the program's own parser gives back `argument` ("Parsing C command-line arguments" in
// Microsoft's documentation): backslashes count double before a quote only.
// Quoted only where it has to be: cmd.exe has rules of its own.
void append_argument(std::wstring& line, const std::wstring& argument) {
    line += line.empty() ? L"" : L" ";
    if (!argument.empty() && argument.find_first_of(L" \t\"") == std::wstring::npos) {
        line += argument;
        return;
    }
    line += L'"';
    std::size_t backslashes = 0;
    for (const wchar_t c : argument) {
        backslashes = c == L'\\' ? backslashes + 1 : backslashes;
        if (c == L'"') {
            line.append(backslashes + 1, L'\\');
        }
        backslashes = c == L'\\' ? backslashes : 0;
        line += c;
    }
    line.append(backslashes, L'\\');
    line += L'"';
}

std::wstring command_line(const std::vector<std::string>& arguments) {
    std::wstring line;
    for (const std::string& argument : arguments) {
        append_argument(line, widen(argument));
    }
    return line;
}

struct CaseBlind {
    bool operator()(const std::wstring& a, const std::wstring& b) const {
        return ::CompareStringOrdinal(a.c_str(), -1, b.c_str(), -1, TRUE) == CSTR_LESS_THAN;
    }
};

// Ours and `added`, as CreateProcess wants them: sorted, each ended by a null, and one more.
std::wstring environment_block(const std::vector<std::string>& added) {
    std::map<std::wstring, std::wstring, CaseBlind> variables;
    const auto take = [&variables](const std::wstring& entry) {
        const std::size_t equals = entry.find(L'=', 1);  // "=C:=C:\\" is a name, too
        if (equals != std::wstring::npos) {
            variables[entry.substr(0, equals)] = entry.substr(equals);
        }
    };
    wchar_t* const ours = ::GetEnvironmentStringsW();
    for (const wchar_t* at = ours; at != nullptr && *at != L'\0';) {
        const std::wstring entry = at;
        take(entry);
        at += entry.size() + 1;
    }
    ::FreeEnvironmentStringsW(ours);
    for (const std::string& entry : added) {
        take(widen(entry));
    }
    std::wstring block;
    for (const auto& [name, value] : variables) {
        block += name + value + L'\0';
    }
    return block + L'\0';
}

struct StandardHandles {
    Handle input;
    Handle output;  // empty: ours
};

Handle open_inherited(const wchar_t* path, DWORD access, DWORD disposition) {
    SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
    return adopt_handle(::CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                                      disposition, FILE_ATTRIBUTE_NORMAL, nullptr));
}

Result<StandardHandles> open_standard_handles(const std::string& output_file) {
    StandardHandles handles;
    handles.input = open_inherited(L"NUL", GENERIC_READ, OPEN_EXISTING);
    if (!output_file.empty()) {
        handles.output = open_inherited(widen(output_file).c_str(), FILE_APPEND_DATA, OPEN_ALWAYS);
        if (!handles.output) {
            return fail_last(kOperation, "cannot open " + output_file);
        }
    }
    return handles;
}

Result<void> end_with_us(HANDLE process) {
    // Never closed: the system closes it when this process ends, and then ends what is in it.
    static const HANDLE job = [] {
        const HANDLE made = ::CreateJobObjectW(nullptr, nullptr);
        JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        ::SetInformationJobObject(made, JobObjectExtendedLimitInformation, &limits, sizeof limits);
        return made;
    }();
    if (::AssignProcessToJobObject(job, process) == 0) {
        return fail_last(kOperation, "cannot tie it to this process");
    }
    return {};
}

}  // namespace

ChildProcess::~ChildProcess() {
    if (process_ && !detached_ && !reaped_) {
        stop(StopHow::kill);
        wait_exit(deadline_after(kSecond));
    }
}

Result<ChildProcess> ChildProcess::spawn(const Options& options) {
    if (options.arguments.empty() || (options.detached && options.die_with_parent)) {
        return fail(kOperation, 0, Reaction::bug, "no program, or both detached and tied to us");
    }
    const auto handles = open_standard_handles(options.output_file);
    if (!handles) {
        return tl::unexpected(handles.error());
    }
    STARTUPINFOW start{};
    start.cb = sizeof start;
    start.dwFlags = STARTF_USESTDHANDLES;
    start.hStdInput = handle_of(handles->input);
    start.hStdOutput =
        handles->output ? handle_of(handles->output) : ::GetStdHandle(STD_OUTPUT_HANDLE);
    start.hStdError =
        handles->output ? handle_of(handles->output) : ::GetStdHandle(STD_ERROR_HANDLE);
    std::wstring line = command_line(options.arguments);
    std::wstring environment = environment_block(options.environment);
    const DWORD flags = CREATE_UNICODE_ENVIRONMENT | CREATE_NEW_PROCESS_GROUP | CREATE_SUSPENDED |
                        (options.detached ? DETACHED_PROCESS : 0);
    PROCESS_INFORMATION made{};
    if (::CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, flags, environment.data(),
                         nullptr, &start, &made) == 0) {
        return fail_last(kOperation, options.arguments[0]);
    }
    const Handle thread = adopt_handle(made.hThread);
    const Handle hold = adopt_handle(made.hProcess);
    ChildProcess child;
    auto process = Process::open(made.dwProcessId);
    auto tied = options.die_with_parent ? end_with_us(made.hProcess) : Result<void>();
    if (!process || !tied) {
        ::TerminateProcess(made.hProcess, kKilledExitCode);
        return tl::unexpected(!process ? process.error() : tied.error());
    }
    child.process_ = std::move(*process);
    child.detached_ = options.detached;
    ::ResumeThread(made.hThread);
    return child;
}

void ChildProcess::stop(StopHow how) {
    if (process_ && !reaped_) {
        (void)stop_process(process_, how);
    }
}

bool ChildProcess::wait_exit(std::int64_t deadline_ns) {
    if (!process_ || reaped_) {
        return true;
    }
    if (!wait({process_}, deadline_ns)) {
        return false;
    }
    reaped_ = true;
    DWORD code = 0;
    if (!detached_ && ::GetExitCodeProcess(handle_of(process_.handle()), &code) != 0) {
        const bool killed = code == kKilledExitCode;
        status_ = {.exited = !killed, .code = static_cast<int>(code), .killed = killed};
    }
    return true;
}

}  // namespace pf::os
