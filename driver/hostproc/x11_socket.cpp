#include "x11_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <cstdio>

#include <fmt/format.h>

#include <pf/os/wait.hpp>

namespace pf::hostproc {

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

os::Result<os::Handle> connect_display(std::uint32_t number, std::uint32_t& server_pid) {
    os::Handle socket = os::Handle::adopt(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) {
        return os::fail_last("connect to X display", "no descriptor for it");
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "/tmp/.X11-unix/X%u", number);
    const int fd = static_cast<int>(socket.native());
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        auto error = os::fail_last("connect to X display",
                                   fmt::format("nobody answers at {}", address.sun_path));
        error.value().reaction = os::Reaction::reopen;
        return error;
    }
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return os::fail_last("connect to X display", "its process is unknown");
    }
    server_pid = static_cast<std::uint32_t>(peer.pid);
    return socket;
}

SocketGuard::SocketGuard(const os::Handle& socket, std::int64_t deadline_ns) {
    const int fd = static_cast<int>(socket.native());
    auto done = os::Event::create();
    if (!done) {
        ::shutdown(fd, SHUT_RDWR);  // unguarded, the caller could hang
        return;
    }
    done_ = std::move(*done);
    thread_ = std::jthread([this, fd, deadline_ns] {
        if (os::wait({.cancel = &done_}, deadline_ns) == os::Woke::deadline) {
            ::shutdown(fd, SHUT_RDWR);
        }
    });
}

SocketGuard::~SocketGuard() {
    if (thread_.joinable()) {
        done_.signal();
        thread_.join();
    }
}

}  // namespace pf::hostproc
