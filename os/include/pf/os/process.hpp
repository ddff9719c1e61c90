// Another process, held so that its pid cannot be taken over by a stranger unnoticed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <pf/os/clock.hpp>
#include <pf/os/handle.hpp>

namespace pf::os {

// Equal for the same process only: a reused pid has another start.
struct ProcessIdentity {
    std::uint32_t pid = 0;
    std::uint64_t start_ticks = 0;  // since boot, in the system's own unit; 0: it cannot be told
    friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

// As far as both can be told.
constexpr bool may_be_same(const ProcessIdentity& a, const ProcessIdentity& b) {
    return a.pid == b.pid &&
           (a.start_ticks == b.start_ticks || a.start_ticks == 0 || b.start_ticks == 0);
}

std::uint32_t current_pid();
// not found: Error with reaction reopen. Without the system's list of processes (/proc), or with
// one of other processes than ours, the start is not told.
Result<ProcessIdentity> identify_process(std::uint32_t pid);

// What a hold on a process is for: no more rights are asked of the system.
enum class ProcessUse { watch, give_handles };

// A waitable hold on a running process (pidfd, process HANDLE).
class Process {
public:
    Process() = default;
    // Gone: reaction reopen. Fallback: whether it lives cannot be told here, because the system
    // does not permit to hold it. Reject: the system does not permit this use of it.
    static Result<Process> open(std::uint32_t pid, ProcessUse use = ProcessUse::watch);
    // One that cannot be opened, or not be seen (another pid namespace): the end of `connection`
    // counts as its end. `own_pid`: as it calls itself, 0 when unknown.
    static Process behind(Handle connection, std::uint32_t own_pid);

    // Our name for it; of one that we cannot see, its own.
    std::uint32_t pid() const { return identity_.pid; }
    // Its own name for itself, another than ours where it lives in a pid namespace below; 0:
    // unknown.
    std::uint32_t own_pid() const { return own_pid_; }
    const ProcessIdentity& identity() const { return identity_; }
    bool alive() const;  // false once it has exited, reaped or not; a stopped process is alive
    const Handle& handle() const { return handle_; }
    bool is_behind_connection() const { return behind_connection_; }
    explicit operator bool() const { return static_cast<bool>(handle_); }

private:
    Handle handle_;
    ProcessIdentity identity_;
    std::uint32_t own_pid_ = 0;
    bool behind_connection_ = false;
};

// ask: SIGTERM, and a stopped process goes on, so that it can end. kill: SIGKILL.
enum class StopHow { ask, kill };

struct ExitStatus {
    bool exited = false;  // by an exit code; else by a signal, or unknown (all zero)
    int code = 0;         // exit code or signal number
    // Somebody ended it. Not so: it ended by itself, be it by a crash (SIGSEGV, SIGABRT and their
    // like), or nobody knows.
    bool killed = false;
};

// A child of ours. The destructor kills and reaps one that still runs. It reads /dev/null,
// inherits no descriptor but the standard ones, and is in a process group of its own: a terminal's
// Ctrl-C reaches us alone, and we decide when children stop. One thread at a time.
class ChildProcess {
public:
    struct Options {
        std::vector<std::string> arguments;    // arguments[0] is the program, a path or on PATH
        std::vector<std::string> environment;  // "NAME=value", added to ours
        std::string output_file;               // stdout and stderr, appended; empty: ours
        bool detached = false;  // own session; survives us; the destructor leaves it alone
        // The system ends it when we die, as `death` says; Linux: when the thread that spawned it
        // ends, so spawn from one that lives as long as the child shall. Not together with
        // detached (bug).
        bool die_with_parent = false;
        StopHow death = StopHow::kill;
    };
    ChildProcess() = default;
    ChildProcess(ChildProcess&&) noexcept;
    ChildProcess& operator=(ChildProcess&&) noexcept;
    ~ChildProcess();
    // A program that cannot be run is an error here, not a child that ends at once.
    static Result<ChildProcess> spawn(const Options& options);

    const Process& process() const { return process_; }
    void stop(StopHow how);
    // False at the deadline. Reaps; the status stays readable afterwards. It is unknown (all zero)
    // of a detached one, which is not our child, and where this process ignores SIGCHLD.
    bool wait_exit(std::int64_t deadline_ns);
    ExitStatus exit_status() const { return status_; }

private:
    Process process_;
    ExitStatus status_;
    bool reaped_ = false;
    bool detached_ = false;
};

// Sends to any process of the same user; false when it is gone.
bool stop_process(const Process& process, StopHow how);

}  // namespace pf::os
