#include <pf/os/test/interference.hpp>

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "descriptor_poll.hpp"

namespace pf::os {

namespace {

constexpr std::int64_t kStandStill = 5 * kSecond;
constexpr std::int64_t kLookEvery = kMillisecond / 5;

std::string proc_path(std::uint32_t pid, const char* name) {
    return "/proc/" + std::to_string(pid) + "/" + name;
}

// EPERM is a matter of the system's policy here, not of the request.
tl::unexpected<Error> fail_interfering(const char* operation, std::uint32_t pid) {
    const int code = errno;
    const std::string who = "process " + std::to_string(pid);
    if (code == EPERM || code == EACCES || code == ENOSYS) {
        return fail(operation, code, Reaction::fallback, who + ": this system does not permit it");
    }
    if (code == ESRCH || code == ENOENT || code == EBADF) {
        return fail(operation, code, Reaction::reopen, who + " is gone");
    }
    errno = code;
    return fail_last(operation, who);
}

Result<std::vector<int>> descriptors_of(std::uint32_t pid) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(proc_path(pid, "fd").c_str()),
                                                        ::closedir);
    if (!directory) {
        return fail_interfering("list descriptors", pid);
    }
    // Our own list holds the descriptor that reads it.
    const int reading = pid == current_pid() ? ::dirfd(directory.get()) : -1;
    std::vector<int> numbers;
    while (const dirent* entry = ::readdir(directory.get())) {
        const int number = entry->d_name[0] == '.' ? reading : std::atoi(entry->d_name);
        if (number != reading) {
            numbers.push_back(number);
        }
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

Result<void> send(const Process& process, int number) {
    if (!process.alive() || ::syscall(SYS_pidfd_send_signal, descriptor_of(process.handle()),
                                      number, nullptr, 0) != 0) {
        return fail_interfering("signal process", process.pid());
    }
    return {};
}

// Field 3 of /proc/PID/stat; the name before it may hold anything.
char state_of(std::uint32_t pid) {
    std::ifstream file(proc_path(pid, "stat"));
    std::string text;
    std::getline(file, text);
    const std::size_t name_end = text.rfind(')');
    return name_end != std::string::npos && name_end + 2 < text.size() ? text[name_end + 2] : 'X';
}

bool is_connection_from(const Handle& handle, std::uint32_t client_pid) {
    int type = 0, listening = 1;
    ucred peer{};
    socklen_t type_size = sizeof type, listening_size = sizeof listening, peer_size = sizeof peer;
    const int socket = descriptor_of(handle);
    return ::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 &&
           type == SOCK_SEQPACKET &&
           ::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_size) == 0 &&
           listening == 0 &&
           ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) == 0 &&
           peer.pid == static_cast<pid_t>(client_pid);
}

}  // namespace

Result<Footprint> footprint(std::uint32_t pid) {
    const auto descriptors = descriptors_of(pid);
    if (!descriptors) {
        return tl::unexpected(descriptors.error());
    }
    Footprint found;
    found.descriptors = descriptors->size();
    std::ifstream maps(proc_path(pid, "maps"));
    for (std::string line; std::getline(maps, line);) {
        found.shared_mappings += line.find("/memfd:") != std::string::npos ? 1 : 0;
    }
    std::uint64_t pages = 0;
    std::ifstream(proc_path(pid, "statm")) >> pages >> pages;  // the second field
    found.resident_bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return found;
}

std::string describe_descriptors(std::uint32_t pid) {
    std::map<std::string, std::size_t> kinds;
    const auto numbers = descriptors_of(pid);
    for (const int number : numbers ? *numbers : std::vector<int>()) {
        char target[256];
        const std::string link = proc_path(pid, "fd/") + std::to_string(number);
        const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
        std::string kind(target, static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
        ++kinds[kind.substr(0, kind.find_first_of(kind.starts_with('/') ? " " : "["))];
    }
    std::string text;
    for (const auto& [kind, count] : kinds) {
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + kind;
    }
    return text;
}

Result<void> suspend_process(const Process& process) {
    if (auto sent = send(process, SIGSTOP); !sent) {
        return sent;
    }
    const std::int64_t deadline_ns = deadline_after(kStandStill);
    while (state_of(process.pid()) != 'T') {
        if (!process.alive() || now_ns() >= deadline_ns) {
            return fail("suspend process", 0, Reaction::reopen,
                        "process " + std::to_string(process.pid()) + " does not stand still");
        }
        sleep_until(deadline_after(kLookEvery));
    }
    return {};
}

Result<void> resume_process(const Process& process) {
    return send(process, SIGCONT);
}

Result<std::uint64_t> limit_descriptors(const Process& process, std::uint64_t limit) {
    const auto pid = static_cast<pid_t>(process.pid());
    rlimit before{};
    if (::prlimit(pid, RLIMIT_NOFILE, nullptr, &before) != 0) {
        return fail_interfering("limit descriptors", process.pid());
    }
    const rlimit wanted{std::min<rlim_t>(limit, before.rlim_max), before.rlim_max};
    if (::prlimit(pid, RLIMIT_NOFILE, &wanted, nullptr) != 0) {
        return fail_interfering("limit descriptors", process.pid());
    }
    return before.rlim_cur;
}

// New descriptors take the lowest free numbers, so gaps count first.
Result<std::uint64_t> descriptor_limit_for(const Process& process, std::size_t more) {
    const auto used = descriptors_of(process.pid());
    if (!used) {
        return tl::unexpected(used.error());
    }
    std::uint64_t number = 0;
    std::size_t place = 0;
    for (std::size_t free = 0;; ++number) {
        if (place < used->size() && static_cast<std::uint64_t>((*used)[place]) == number) {
            ++place;
        } else if (free++ == more) {
            return number;
        }
    }
}

Result<std::vector<Handle>> borrow_connections(const Process& server, std::uint32_t client_pid) {
    const auto numbers = descriptors_of(server.pid());
    if (!numbers) {
        return tl::unexpected(numbers.error());
    }
    std::vector<Handle> found;
    for (const int number : *numbers) {
        Handle handle = Handle::adopt(static_cast<Handle::Native>(
            ::syscall(SYS_pidfd_getfd, descriptor_of(server.handle()), number, 0)));
        if (!handle && errno == EBADF) {
            continue;  // closed meanwhile
        }
        if (!handle) {
            return fail_interfering("borrow connections", server.pid());
        }
        if (is_connection_from(handle, client_pid)) {
            found.push_back(std::move(handle));
        }
    }
    return found;
}

bool has_unread(const Handle& connection) {
    pollfd entry{descriptor_of(connection), POLLIN, 0};
    return ::poll(&entry, 1, 0) > 0 && (entry.revents & POLLIN) != 0;
}

void cut(const Handle& connection) {
    ::shutdown(descriptor_of(connection), SHUT_RDWR);
}

}  // namespace pf::os
