// The local socket of an X server, reached without ever waiting longer than told: a stopped
// server still accepts connections in the kernel and then says nothing, and one whose queue of
// connections is full does not even do that.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <pf/os/flag.hpp>
#include <pf/os/handle.hpp>
#include <pf/os/thread.hpp>

namespace pf::driver {

// ":7", ":7.0" or "unix:7" to 7. nullopt: not a display of this machine.
std::optional<std::uint32_t> local_display_number(const std::string& display);

// Where the sockets of displays lie, for everybody (X(7), DISPLAY NAMES).
inline constexpr const char* kX11SocketDirectory = "/tmp/.X11-unix";

// By the socket's file, else by the abstract socket of the same name, which needs no file: a
// cleaner of /tmp takes the file away and the server lives on. `server_pid` gets the pid of the
// process that listens. reopen: nobody does. reject: its directory is closed to us, and there is no
// abstract socket. retry, code kX11Silent: the server does not take connections before the
// deadline.
inline constexpr std::int64_t kX11Silent = -1;
os::Result<os::Handle> connect_display(std::uint32_t number, std::int64_t deadline_ns,
                                       std::uint32_t& server_pid);

// Cuts the connection at the deadline unless destroyed before: whoever waits in it is freed.
class SocketGuard {
public:
    // `socket` is not owned and must outlive the guard. retry: no thread or descriptor for it.
    static os::Result<SocketGuard> start(const os::Handle& socket, std::int64_t deadline_ns);
    SocketGuard(SocketGuard&&) noexcept = default;
    SocketGuard& operator=(SocketGuard&&) = delete;
    ~SocketGuard();

private:
    SocketGuard(std::unique_ptr<os::Flag> done, os::GuardedThread thread)
        : done_(std::move(done)), thread_(std::move(thread)) {}

    std::unique_ptr<os::Flag> done_;  // the thread's too
    os::GuardedThread thread_;
};

}  // namespace pf::driver
