#include <pf/os/process.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "descriptor_poll.hpp"

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

}  // namespace

std::uint32_t current_pid() {
    return static_cast<std::uint32_t>(::getpid());
}

Result<ProcessIdentity> identify_process(std::uint32_t pid) {
    char text[1024] = {};
    std::snprintf(text, sizeof text, "/proc/%u/stat", pid);
    const Handle file = Handle::adopt(::open(text, O_RDONLY | O_CLOEXEC));
    const ssize_t count =
        file ? ::read(descriptor_of(file), text, sizeof text - 1) : static_cast<ssize_t>(-1);
    if (count < 0) {
        return fail_last("identify process", process_text(pid) + " cannot be read");
    }
    text[count] = '\0';
    ProcessIdentity identity{pid, 0};
    if (!parse_start_ticks(text, identity.start_ticks)) {
        return fail("identify process", 0, Reaction::reopen, process_text(pid) + " is ending");
    }
    return identity;
}

Result<Process> Process::open(std::uint32_t pid) {
    if (pid == 0 || pid > INT32_MAX) {
        return fail("open process", 0, Reaction::reopen, "there is no " + process_text(pid));
    }
    Process process;
    process.handle_ = Handle::adopt(static_cast<Handle::Native>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process.handle_) {
        return fail_last("open process", process_text(pid) + " is gone");
    }
    const auto identity = identify_process(pid);
    if (!identity) {
        return tl::unexpected(identity.error());
    }
    process.identity_ = *identity;
    // A pid is given anew only after its process ended, so what still lives behind the descriptor
    // is what was identified.
    if (!process.alive()) {
        return fail("open process", ESRCH, Reaction::reopen, process_text(pid) + " is gone");
    }
    return process;
}

bool Process::alive() const {
    return handle_ && !poll_one(handle_, POLLIN, 0);
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
