#include <pf/os/process.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "descriptor_poll.hpp"
#include "process_view.hpp"

namespace pf::os {

namespace {

// Field 22 of /proc/PID/stat (proc(5)). The name, field 2, may hold spaces and parentheses, so
// counting starts behind its last one.
bool parse_start_ticks(const char* stat, std::uint64_t& ticks) {
    const char* at = std::strrchr(stat, ')');
    for (int field = 2; at != nullptr && field < 22; ++field) {
        at = std::strchr(at + 1, ' ');
    }
    if (at == nullptr) {
        return false;
    }
    char* end = nullptr;
    ticks = std::strtoull(at + 1, &end, 10);
    return end != at + 1;
}

std::string process_text(std::uint32_t pid) {
    return "process " + std::to_string(pid);
}

// The whole file, cut where it does not fit; empty: it cannot be read.
std::string read_text(const char* path) {
    char text[1024];
    const Handle file = Handle::adopt(::open(path, O_RDONLY | O_CLOEXEC));
    const ssize_t count = file ? ::read(descriptor_of(file), text, sizeof text) : -1;
    return std::string(text, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
}

// /proc may be absent, or list the processes of another pid namespace than ours.
bool proc_lists_our_processes() {
    char target[16] = {};
    return ::readlink("/proc/self", target, sizeof target - 1) > 0 &&
           std::strtoull(target, nullptr, 10) == current_pid();
}

// The last number of the line "NSpid:" (proc(5), fdinfo of a pidfd): the innermost namespace's.
std::uint32_t innermost_pid(int pidfd) {
    char path[48];
    std::snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    const std::string text = read_text(path);
    const std::size_t line = text.find("NSpid:");
    if (line == std::string::npos) {
        return 0;
    }
    const std::size_t end = std::min(text.find('\n', line), text.size());
    const std::size_t last = text.find_last_of("\t ", end - 1);
    return static_cast<std::uint32_t>(std::strtoul(text.c_str() + last, nullptr, 10));
}

tl::unexpected<Error> fail_open(std::uint32_t pid) {
    if (errno == EPERM || errno == EACCES || errno == ENOSYS) {
        return fail("open process", errno, Reaction::fallback,
                    process_text(pid) +
                        " cannot be watched: pidfd_open is not to be had here (a container's or "
                        "sandbox's filter, or an old system)");
    }
    return fail_last("open process", process_text(pid) + " is gone");
}

}  // namespace

std::uint32_t current_pid() {
    return static_cast<std::uint32_t>(::getpid());
}

std::uint64_t pid_namespace() {
    struct stat status {};
    return ::stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

Result<ProcessIdentity> identify_process(std::uint32_t pid) {
    ProcessIdentity identity{pid, 0};
    const bool ours = pid == current_pid();
    if (!ours && !proc_lists_our_processes()) {
        return identity;
    }
    char path[48];
    std::snprintf(path, sizeof path, "/proc/%u/stat", pid);
    const std::string text = read_text(ours ? "/proc/self/stat" : path);
    if (text.empty() && ours) {
        return identity;
    }
    if (text.empty()) {
        return fail_last("identify process", process_text(pid) + " cannot be read");
    }
    if (!parse_start_ticks(text.c_str(), identity.start_ticks)) {
        return fail("identify process", 0, Reaction::reopen, process_text(pid) + " is ending");
    }
    return identity;
}

// A pidfd has no rights to choose.
Result<Process> Process::open(std::uint32_t pid, ProcessUse) {
    if (pid == 0 || pid > INT32_MAX) {
        return fail("open process", 0, Reaction::reopen, "there is no " + process_text(pid));
    }
    Process process;
    process.handle_ = Handle::adopt(static_cast<Handle::Native>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process.handle_) {
        return fail_open(pid);
    }
    const auto identity = identify_process(pid);
    if (!identity) {
        return tl::unexpected(identity.error());
    }
    process.identity_ = *identity;
    const std::uint32_t inside = innermost_pid(descriptor_of(process.handle_));
    process.own_pid_ = inside != 0 ? inside : pid;
    // A pid is given anew only after its process ended, so what still lives behind the descriptor
    // is what was identified.
    if (!process.alive()) {
        return fail("open process", ESRCH, Reaction::reopen, process_text(pid) + " is gone");
    }
    return process;
}

Process Process::behind(Handle connection, std::uint32_t own_pid) {
    Process process;
    process.handle_ = std::move(connection);
    process.identity_ = {own_pid, 0};
    process.own_pid_ = own_pid;
    process.behind_connection_ = true;
    return process;
}

pollfd poll_end(const Process& process) {
    const short asked = process.is_behind_connection() ? 0 : POLLIN;
    return {descriptor_of(process.handle()), asked, 0};
}

bool Process::alive() const {
    pollfd end = poll_end(*this);
    return handle_ && !poll_until({&end, 1}, 0);
}

bool stop_process(const Process& process, StopHow how) {
    const auto send = [&process](int number) {
        return ::syscall(SYS_pidfd_send_signal, descriptor_of(process.handle()), number, nullptr,
                         0) == 0;
    };
    if (!process.alive() || !send(how == StopHow::kill ? SIGKILL : SIGTERM)) {
        return false;
    }
    if (how == StopHow::ask) {
        (void)send(SIGCONT);  // gone already: it has ended as asked
    }
    return true;
}

}  // namespace pf::os
