#include <pf/os/program.hpp>

#include <windows.h>

#include <cstdlib>

#include <pf/os/clock.hpp>
#include <pf/os/process.hpp>

#include "wide_text.hpp"

namespace pf::os {

namespace {

constexpr std::int64_t kFileTimeNs = 100;  // a FILETIME counts these

std::int64_t ns_of(const FILETIME& time) {
    const std::uint64_t units = (std::uint64_t{time.dwHighDateTime} << 32) | time.dwLowDateTime;
    return static_cast<std::int64_t>(units) * kFileTimeNs;
}

}  // namespace

Result<std::string> executable_path() {
    std::wstring path(32768, L'\0');  // the longest that there is
    const DWORD length =
        ::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
    if (length == 0 || length == path.size()) {
        return fail_last("find own program", "the system does not say where it lies");
    }
    return narrow(std::wstring_view(path).substr(0, length));
}

bool is_terminal(Stream stream) {
    DWORD mode = 0;
    const DWORD which = stream == Stream::output ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE;
    return ::GetConsoleMode(::GetStdHandle(which), &mode) != 0;
}

std::int64_t process_cpu_ns() {
    FILETIME created{};
    FILETIME exited{};
    FILETIME kernel{};
    FILETIME user{};
    ::GetProcessTimes(::GetCurrentProcess(), &created, &exited, &kernel, &user);
    return ns_of(kernel) + ns_of(user);
}

// The C library has a copy of its own, which it tells the system of.
Result<void> set_environment(const std::string& name, const std::string& value) {
    if (::_wputenv_s(widen(name).c_str(), widen(value).c_str()) != 0) {
        return fail("set environment", 0, Reaction::reject, name);
    }
    return {};
}

// Whose directory for temporary files it is, the user's, others cannot enter.
Result<std::string> make_temporary_directory(std::string_view prefix) {
    wchar_t base[MAX_PATH + 1];
    const DWORD length = ::GetTempPathW(MAX_PATH + 1, base);
    const std::string stem = narrow({base, length}) + std::string(prefix) + "-" +
                             std::to_string(::GetCurrentProcessId()) + "-";
    for (int attempt = 0; attempt < 100; ++attempt) {
        const std::string path =
            stem + std::to_string(now_ticks() + static_cast<unsigned>(attempt));
        if (::CreateDirectoryW(widen(path).c_str(), nullptr) != 0) {
            return path;
        }
        if (::GetLastError() != ERROR_ALREADY_EXISTS) {
            break;
        }
    }
    return fail_last("make temporary directory", stem);
}

// Windows does not replace a program in its process: the other runs as our child, to its end.
Error become_program(const std::vector<std::string>& arguments) {
    auto child = ChildProcess::spawn(
        {.arguments = arguments, .environment = {}, .output_file = {}, .die_with_parent = true});
    if (!child) {
        return child.error();
    }
    child->wait_exit(kNever);
    std::exit(child->exit_status().code);
}

}  // namespace pf::os
