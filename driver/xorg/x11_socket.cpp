#include "x11_socket.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>

#include <fmt/format.h>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

namespace pf::driver {
namespace {

constexpr const char* kConnect = "connect to X display";

// connect(2) of a local socket waits for room in the server's queue as long as sending may take.
void limit_wait(int fd, std::int64_t deadline_ns) {
    constexpr std::int64_t kLeastNs = os::kMillisecond;  // 0 would mean for ever
    const std::int64_t left_ns = std::max(deadline_ns - os::now_ns(), kLeastNs);
    const timeval limit{left_ns / os::kSecond, left_ns % os::kSecond / 1000};
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

tl::unexpected<os::Error> explain_refusal(const std::string& name) {
    const int code = errno;
    if (code == EAGAIN) {
        return os::fail(
            kConnect, kX11Silent, os::Reaction::retry,
            fmt::format("{} takes no connections: its server is stopped or overloaded", name));
    }
    if (code == EACCES) {
        return os::fail(kConnect, code, os::Reaction::reject,
                        fmt::format("{} is closed to this user; open its directory: chmod 1777 {}",
                                    name, kX11SocketDirectory));
    }
    auto error = os::fail_last(kConnect, fmt::format("nobody answers at {}", name));
    error.value().reaction = os::Reaction::reopen;
    return error;
}

// `name` begins with a zero byte for an abstract socket.
os::Result<os::Handle> connect_to(const std::string& name, std::int64_t deadline_ns,
                                  std::uint32_t& server_pid) {
    os::Handle socket = os::Handle::adopt(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) {
        return os::fail_last(kConnect, "no descriptor for it");
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    const int fd = static_cast<int>(socket.native());
    limit_wait(fd, deadline_ns);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        return explain_refusal(name[0] == '\0' ? fmt::format("@{}", name.substr(1)) : name);
    }
    constexpr timeval kNoLimit{};
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kNoLimit, sizeof kNoLimit);
    ucred peer{};
    socklen_t peer_size = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) != 0) {
        return os::fail_last(kConnect, "its process is unknown");
    }
    server_pid = static_cast<std::uint32_t>(peer.pid);
    return socket;
}

}  // namespace

std::optional<std::uint32_t> local_display_number(const std::string& display) {
    std::string_view text = display;
    if (text.starts_with("unix:")) {
        text.remove_prefix(4);
    }
    if (!text.starts_with(':')) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    std::uint32_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || (stopped != end && *stopped != '.')) {
        return std::nullopt;
    }
    return number;
}

os::Result<os::Handle> connect_display(std::uint32_t number, std::int64_t deadline_ns,
                                       std::uint32_t& server_pid) {
    const std::string path = fmt::format("{}/X{}", kX11SocketDirectory, number);
    auto reached = connect_to(path, deadline_ns, server_pid);
    if (reached || reached.error().code == kX11Silent) {
        return reached;
    }
    if (auto abstract = connect_to('\0' + path, deadline_ns, server_pid);
        abstract || abstract.error().code == kX11Silent) {
        return abstract;
    }
    return reached;
}

os::Result<SocketGuard> SocketGuard::start(const os::Handle& socket, std::int64_t deadline_ns) {
    auto made = os::Flag::create();
    if (!made) {
        return tl::unexpected(std::move(made.error()));
    }
    auto done = std::make_unique<os::Flag>(std::move(*made));
    const auto watch = [done = done.get(), fd = static_cast<int>(socket.native()), deadline_ns] {
        if (!os::wait({*done}, deadline_ns)) {
            ::shutdown(fd, SHUT_RDWR);
        }
    };
    auto thread = os::GuardedThread::start("x11 deadline", watch, {});
    if (!thread) {
        return tl::unexpected(std::move(thread.error()));
    }
    return SocketGuard(std::move(done), std::move(*thread));
}

SocketGuard::~SocketGuard() {
    if (thread_) {
        done_->set();
        thread_.join();
    }
}

}  // namespace pf::driver
