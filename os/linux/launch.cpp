#include "launch.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "descriptor_poll.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "spawn process";

// Parent and child talk over stream sockets: the child tells its pid, waits for one byte (the
// parent holds its pidfd by then, whatever becomes of it), and tells an errno if exec() fails.
// A successful exec() closes the child's end.
struct StatusPipe {
    Handle ours;
    Handle theirs;
};

std::vector<char*> merged_environment(const std::vector<std::string>& added) {
    std::vector<char*> merged;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view name =
            std::string_view(*entry).substr(0, std::string_view(*entry).find('='));
        const bool replaced =
            std::any_of(added.begin(), added.end(), [&](const std::string& assignment) {
                return name == std::string_view(assignment).substr(0, assignment.find('='));
            });
        if (!replaced) {
            merged.push_back(*entry);
        }
    }
    for (const std::string& assignment : added) {
        merged.push_back(const_cast<char*>(assignment.c_str()));
    }
    merged.push_back(nullptr);
    return merged;
}

// Async-signal-safe, as everything below up to run_child().
void tell(int descriptor, int value) {
    (void)!::send(descriptor, &value, sizeof value, MSG_NOSIGNAL);
}

bool hear(int descriptor, int& value) {
    ssize_t count = -1;
    do {
        count = ::recv(descriptor, &value, sizeof value, MSG_WAITALL);
    } while (count < 0 && errno == EINTR);
    return count == sizeof value;
}

void reset_signals() {
    for (int number = 1; number < NSIG; ++number) {
        ::signal(number, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void place(const Handle& handle, int target) {
    if (handle) {
        ::dup2(descriptor_of(handle), target);
    }
}

[[noreturn]] void run_child(const Launch& launch, int pipe, pid_t parent) {
    if (launch.death_signal != 0) {
        ::prctl(PR_SET_PDEATHSIG, launch.death_signal);
        if (::getppid() != parent) {
            ::_exit(127);  // it died before the request
        }
    }
    tell(pipe, ::getpid());
    int go = 0;
    if (!hear(pipe, go)) {
        ::_exit(127);
    }
    place(launch.input, STDIN_FILENO);
    place(launch.output, STDOUT_FILENO);
    place(launch.output, STDERR_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    reset_signals();
    ::execvpe(launch.arguments[0], launch.arguments.data(), launch.environment.data());
    tell(pipe, errno);
    ::_exit(127);
}

[[noreturn]] void run_first_process(const Launch& launch, int pipe, pid_t parent) {
    if (!launch.detached) {
        // A terminal's interrupt goes to us alone; we decide when children stop.
        ::setpgid(0, 0);
        run_child(launch, pipe, parent);
    }
    ::setsid();
    const pid_t second = ::fork();
    if (second == 0) {
        run_child(launch, pipe, 0);
    }
    if (second < 0) {
        tell(pipe, -errno);
    }
    ::_exit(0);
}

// No handler of ours runs in the child: it would act on objects shared with us.
pid_t fork_quietly(const Launch& launch, const StatusPipe& pipe) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    const pid_t parent = ::getpid();
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::close(descriptor_of(pipe.ours));
        run_first_process(launch, descriptor_of(pipe.theirs), parent);
    }
    const int code = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = code;
    return pid;
}

void reap(pid_t pid) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

// A program may run with its standard descriptors closed; nothing that the child still needs may
// lie where its own are going to be.
Result<Handle> above_standard(const Handle& handle) {
    Handle copy = Handle::adopt(::fcntl(descriptor_of(handle), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!copy) {
        return fail_last(kOperation, "no descriptor left");
    }
    return copy;
}

tl::unexpected<Error> fail_spawn(const Launch& launch, int code) {
    errno = code;
    return fail_last(kOperation, std::string("cannot run ") + launch.arguments[0]);
}

// The child has been told to go or will find the pipe closed: in both cases it ends by itself.
Result<Process> watch_start(const Launch& launch, const Handle& pipe) {
    int pid = 0;
    if (!hear(descriptor_of(pipe), pid) || pid <= 0) {
        return fail_spawn(launch, pid < 0 ? -pid : ECHILD);
    }
    Result<Process> process = Process::open(static_cast<std::uint32_t>(pid));
    if (!process) {
        return process;
    }
    tell(descriptor_of(pipe), 1);
    int code = 0;
    if (hear(descriptor_of(pipe), code)) {
        return fail_spawn(launch, code);
    }
    return process;
}

Result<Handle> open_file(const char* path, int flags) {
    const Handle file = Handle::adopt(::open(path, flags | O_CLOEXEC | O_NOCTTY, 0600));
    if (!file) {
        return fail(kOperation, errno, Reaction::reject, std::string("cannot open ") + path);
    }
    return above_standard(file);
}

}  // namespace

Result<Launch> prepare_launch(const ChildProcess::Options& options) {
    if (options.arguments.empty() || options.arguments[0].empty() ||
        (options.detached && options.die_with_parent)) {
        return fail(kOperation, 0, Reaction::bug, "no program, or detached and bound to us");
    }
    Launch launch;
    for (const std::string& argument : options.arguments) {
        launch.arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    launch.arguments.push_back(nullptr);
    launch.environment = merged_environment(options.environment);
    launch.detached = options.detached;
    if (options.die_with_parent) {
        launch.death_signal = options.death == StopHow::kill ? SIGKILL : SIGTERM;
    }
    Result<Handle> input = open_file("/dev/null", O_RDONLY);
    if (!input) {
        return tl::unexpected(input.error());
    }
    launch.input = std::move(*input);
    if (!options.output_file.empty()) {
        Result<Handle> output =
            open_file(options.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND);
        if (!output) {
            return tl::unexpected(output.error());
        }
        launch.output = std::move(*output);
    }
    return launch;
}

Result<Process> launch_process(const Launch& launch) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return fail_last(kOperation, "no descriptors to talk to it");
    }
    StatusPipe pipe{Handle::adopt(ends[0]), Handle::adopt(ends[1])};
    Result<Handle> theirs = above_standard(pipe.theirs);
    if (!theirs) {
        return tl::unexpected(theirs.error());
    }
    pipe.theirs = std::move(*theirs);
    const pid_t first = fork_quietly(launch, pipe);
    if (first < 0) {
        return fail_last(kOperation, "cannot fork");
    }
    pipe.theirs.reset();
    Result<Process> process = watch_start(launch, pipe.ours);
    pipe.ours.reset();
    if (!process || launch.detached) {
        reap(first);
    }
    return process;
}

}  // namespace pf::os
