#include <pf/os/program.hpp>

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <filesystem>

#include <pf/os/clock.hpp>

#include "ignored_signal.hpp"

namespace pf::os {

Result<std::string> executable_path() {
    char path[PATH_MAX];
    const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
    if (length <= 0 || length == static_cast<ssize_t>(sizeof path)) {
        return fail_last("find own program", "cannot read /proc/self/exe");
    }
    return std::string(path, static_cast<std::size_t>(length));
}

bool is_terminal(Stream stream) {
    return ::isatty(stream == Stream::output ? STDOUT_FILENO : STDERR_FILENO) == 1;
}

std::int64_t process_cpu_ns() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * kSecond + used.tv_nsec;
}

Result<void> set_environment(const std::string& name, const std::string& value) {
    if (::setenv(name.c_str(), value.c_str(), 1) != 0) {
        return fail_last("set environment", name);
    }
    return {};
}

Result<std::string> make_temporary_directory(std::string_view prefix) {
    std::error_code unusable;
    std::filesystem::path base = std::filesystem::temp_directory_path(unusable);
    if (unusable) {
        base = "/tmp";
    }
    std::string path = (base / prefix).string() + "-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
        return fail_last("make temporary directory", path);
    }
    return path;
}

namespace {

void set_write_signals(void (*disposition)(int)) {
    for (const int number : kWriteSignals) {
        ::signal(number, disposition);
    }
}

}  // namespace

Error become_program(const std::vector<std::string>& arguments) {
    std::vector<char*> pointers;
    for (const std::string& argument : arguments) {
        pointers.push_back(const_cast<char*>(argument.c_str()));
    }
    pointers.push_back(nullptr);
    // What ignores a signal passes that on; another program expects none of ours.
    set_write_signals(SIG_DFL);
    ::execvp(pointers[0], pointers.data());
    Error error = fail_last("run program", arguments[0]).value();
    set_write_signals(SIG_IGN);
    return error;
}

}  // namespace pf::os
