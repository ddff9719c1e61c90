// Starts an Xorg process on a display number that nobody uses; says why when it does not work.
#pragma once

#include <cstdint>
#include <string>

#include <pf/os/process.hpp>

namespace pf::driver {

// Everything lies in `directory`, which exists and is private.
struct XorgFiles {
    explicit XorgFiles(const std::string& directory);
    std::string config;
    std::string config_directory;  // never made: keeps the machine's own configuration out
    std::string xauthority;
    std::string output;
    std::string log;
    std::string record;

    void remove() const;
};

// Where distributions install the server. fallback: nowhere.
os::Result<std::string> find_xorg(const std::string& preferred);

// What the framebuffer may take of this machine's memory, KiB.
std::uint32_t xorg_video_ram_kib();

// reject: this user may not make sockets where displays have theirs.
os::Result<void> check_socket_directory();

// Nobody answers there and nobody claims it. Another server may take it before ours does.
bool display_seems_free(std::uint32_t number);

// The process, detached from ours. The config and authority files exist. The server takes the
// number by a lock file and an abstract socket, or ends when another one has it. (Let choose by
// -displayfd, it takes no lock, and without an abstract socket it would even unlink another
// server's socket.)
os::Result<os::Process> launch_xorg(const std::string& program, const XorgFiles& files,
                                    std::uint32_t number);

// Why a server ended, from what it said. retry with code kXorgDisplayTaken: another one was faster.
inline constexpr std::int64_t kXorgDisplayTaken = -3;
tl::unexpected<os::Error> explain_xorg_end(const XorgFiles& files);

// Removes the lock and the socket of a display whose server is gone, if they are still its own.
void remove_dead_display(const std::string& display, std::uint32_t dead_pid);

}  // namespace pf::driver
