#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <pf/os/clock.hpp>
#include <pf/os/process.hpp>

#include "descriptor_poll.hpp"
#include "launch.hpp"

namespace pf::os {

namespace {

// What a program does to itself.
bool is_crash(int signal_number) {
    constexpr int kCrashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGSYS, SIGTRAP};
    return std::find(std::begin(kCrashes), std::end(kCrashes), signal_number) != std::end(kCrashes);
}

ExitStatus status_of(const siginfo_t& info) {
    const bool exited = info.si_code == CLD_EXITED;
    return {exited, info.si_status, !exited && !is_crash(info.si_status)};
}

}  // namespace

Result<ChildProcess> ChildProcess::spawn(const Options& options) {
    const Result<Launch> launch = prepare_launch(options);
    if (!launch) {
        return tl::unexpected(launch.error());
    }
    Result<Process> process = launch_process(*launch);
    if (!process) {
        return tl::unexpected(process.error());
    }
    ChildProcess child;
    child.process_ = std::move(*process);
    child.detached_ = options.detached;
    return child;
}

ChildProcess::~ChildProcess() {
    if (process_ && !reaped_ && !detached_) {
        stop(StopHow::kill);
        wait_exit(kNever);
    }
}

void ChildProcess::stop(StopHow how) {
    if (process_ && !reaped_) {
        stop_process(process_, how);
    }
}

bool ChildProcess::wait_exit(std::int64_t deadline_ns) {
    if (!process_ || reaped_) {
        return true;
    }
    if (!poll_one(process_.handle(), POLLIN, deadline_ns)) {
        return false;
    }
    reaped_ = true;
    siginfo_t info{};
    int result = -1;
    do {
        result =
            ::waitid(P_PIDFD, static_cast<id_t>(descriptor_of(process_.handle())), &info, WEXITED);
    } while (result != 0 && errno == EINTR);
    if (result == 0) {
        status_ = status_of(info);
    }
    return true;
}

}  // namespace pf::os
