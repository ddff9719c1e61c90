#include <pf/os/linux/seqpacket.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <pf/os/clock.hpp>

#include "descriptor_poll.hpp"
#include "private_directory.hpp"

namespace pf::os {

namespace {

// A control buffer for one descriptor holds two, because CMSG_SPACE rounds up.
constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(int));

Result<sockaddr_un> make_address(const Handle& directory, const std::string& directory_path,
                                 const char* name) {
    const bool has_proc = ::access("/proc/self/fd", X_OK) == 0;
    if (!has_proc && directory_path.empty()) {
        return fail("name socket", 0, Reaction::fallback,
                    "/proc is not mounted here (container, chroot)");
    }
    const std::string path = has_proc ? path_inside(directory, name) : directory_path + "/" + name;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return fail("name socket", 0, Reaction::reject,
                    path + ": the name is too long" +
                        (has_proc ? "" : ", and /proc is not mounted here (container, chroot)"));
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

Handle open_socket(int flags) {
    return Handle::adopt(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0));
}

// Owns every descriptor of the message, then keeps the first.
void take_descriptors(msghdr& header, ReceivedMessage& received) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
            Handle handle = Handle::adopt(descriptor);
            if (received.handles.empty()) {
                received.handles.push_back(std::move(handle));
            } else {
                received.handles_dropped = true;
            }
        }
    }
}

// A blocking connect would wait without end for a stopped listener; a non-blocking one does not
// wait at all. The send timeout bounds it.
bool set_send_timeout(const Handle& socket, std::int64_t timeout_ns) {
    const std::int64_t bounded = std::clamp<std::int64_t>(timeout_ns, kMillisecond, 3600 * kSecond);
    const timeval timeout{bounded / kSecond, bounded % kSecond / 1000};
    return ::setsockopt(descriptor_of(socket), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) ==
           0;
}

bool connect_until(const Handle& socket, const sockaddr_un& address, std::int64_t deadline_ns) {
    for (;;) {
        if (!set_send_timeout(socket, deadline_ns - now_ns())) {
            return false;
        }
        if (::connect(descriptor_of(socket), reinterpret_cast<const sockaddr*>(&address),
                      sizeof address) == 0) {
            return true;
        }
        if (errno != EINTR || now_ns() >= deadline_ns) {
            return false;
        }
    }
}

}  // namespace

Result<void> send_message(const Handle& socket, std::span<const std::byte> message,
                          const Handle* give) {
    alignas(cmsghdr) char control[kControlBytes] = {};
    iovec body{const_cast<std::byte*>(message.data()), message.size()};
    msghdr header{};
    header.msg_iov = &body;
    header.msg_iovlen = 1;
    if (give != nullptr) {
        header.msg_control = control;
        header.msg_controllen = sizeof control;
        cmsghdr* part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof(int));
        const int descriptor = descriptor_of(*give);
        std::memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
    }
    ssize_t sent = -1;
    do {
        sent = ::sendmsg(descriptor_of(socket), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) {
        return fail_last("send message", "the other side did not take it");
    }
    return {};
}

Result<ReceivedMessage> receive_message(const Handle& socket, std::span<std::byte> buffer) {
    alignas(cmsghdr) char control[kControlBytes] = {};
    iovec body{buffer.data(), buffer.size()};
    msghdr header{};
    header.msg_iov = &body;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    ssize_t count = -1;
    do {
        count = ::recvmsg(descriptor_of(socket), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        return fail_last("receive message", "nothing came from the other side");
    }
    ReceivedMessage received;
    received.bytes = static_cast<std::size_t>(count);
    received.truncated = (header.msg_flags & MSG_TRUNC) != 0;
    received.handles_dropped = (header.msg_flags & MSG_CTRUNC) != 0;
    take_descriptors(header, received);
    return received;
}

Result<Handle> listen_seqpacket(const std::string& directory, const char* name) {
    const char* operation = "listen";
    const std::string where = directory + "/" + name;
    const Result<Handle> opened = open_private_directory(directory);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    const auto address = make_address(*opened, directory, name);
    if (!address) {
        return tl::unexpected(address.error());
    }
    Handle socket = open_socket(SOCK_NONBLOCK);
    if (!socket) {
        return fail_last(operation, where);
    }
    if (::unlinkat(descriptor_of(*opened), name, 0) != 0 && errno != ENOENT) {
        return fail_last(operation, where + ": cannot remove what is there");
    }
    if (::bind(descriptor_of(socket), reinterpret_cast<const sockaddr*>(&*address),
               sizeof *address) != 0 ||
        ::listen(descriptor_of(socket), SOMAXCONN) != 0) {
        return fail_last(operation, where);
    }
    return socket;
}

Result<Handle> accept_seqpacket(const Handle& listener) {
    const int descriptor =
        ::accept4(descriptor_of(listener), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
        return fail_last("accept connection", "none is waiting");
    }
    return Handle::adopt(descriptor);
}

Result<Handle> connect_seqpacket(const Handle& directory, const char* name,
                                 std::int64_t deadline_ns, const std::string& path) {
    const char* operation = "connect";
    const auto address = make_address(directory, path, name);
    if (!address) {
        return tl::unexpected(address.error());
    }
    Handle socket = open_socket(0);
    if (!socket) {
        return fail_last(operation, "no descriptor for the socket");
    }
    if (!connect_until(socket, *address, deadline_ns)) {
        return fail_last(operation, errno == EAGAIN ? "the driver does not accept connections"
                                                    : "nobody listens");
    }
    const int flags = ::fcntl(descriptor_of(socket), F_GETFL);
    if (flags < 0 || ::fcntl(descriptor_of(socket), F_SETFL, flags | O_NONBLOCK) != 0) {
        return fail_last(operation, "cannot make the socket non-blocking");
    }
    return socket;
}

Result<PeerCredentials> peer_credentials(const Handle& socket) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (::getsockopt(descriptor_of(socket), SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) {
        return fail_last("identify peer", "the system does not tell who it is");
    }
    return PeerCredentials{static_cast<std::uint32_t>(credentials.pid), credentials.uid};
}

}  // namespace pf::os
