// The local socket of an X server, reached without ever waiting longer than told: a stopped
// server still accepts connections in the kernel and then says nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include <pf/os/event.hpp>
#include <pf/os/handle.hpp>

namespace pf::hostproc {

// ":7", ":7.0" or "unix:7" to 7. nullopt: not a display of this machine.
std::optional<std::uint32_t> local_display_number(const std::string& display);

// reopen: nobody listens there. `server_pid` gets the pid of the process that does.
os::Result<os::Handle> connect_display(std::uint32_t number, std::uint32_t& server_pid);

// Cuts the connection at the deadline unless destroyed before: whoever waits in it is freed.
class SocketGuard {
public:
    // `socket` is not owned and must outlive the guard.
    SocketGuard(const os::Handle& socket, std::int64_t deadline_ns);
    ~SocketGuard();
    SocketGuard(const SocketGuard&) = delete;
    SocketGuard& operator=(const SocketGuard&) = delete;

private:
    os::Event done_;
    std::jthread thread_;
};

}  // namespace pf::hostproc
