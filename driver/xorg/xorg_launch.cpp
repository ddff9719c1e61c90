#include "xorg_launch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include <pf/os/clock.hpp>
#include <pf/os/display_server.hpp>

#include "x11_socket.hpp"
#include "xorg_config.hpp"

namespace pf::driver {
namespace {

constexpr const char* kStart = "start Xorg";
constexpr const char* kInstall = "apt-get install xserver-xorg-core xserver-xorg-video-dummy";
constexpr const char* kPrograms[] = {"/usr/lib/xorg/Xorg", "/usr/libexec/Xorg", "/usr/lib/Xorg",
                                     "/usr/lib/xorg-server/Xorg"};

std::string read_text(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::string lock_path(std::uint32_t number) {
    return fmt::format("/tmp/.X{}-lock", number);
}

std::string last_error_line(const std::string& log) {
    std::istringstream lines(log);
    std::string line;
    std::string last;
    while (std::getline(lines, line)) {
        const std::size_t mark = line.find("(EE) ");
        const bool says_more = mark != std::string::npos && line.size() > mark + 6;
        if (says_more && line.find("config directory") == std::string::npos &&
            line.find("terminated with error") == std::string::npos &&
            line.find("log file") == std::string::npos) {
            last = line.substr(mark + 5);
        }
    }
    return last;
}

}  // namespace

XorgFiles::XorgFiles(const std::string& directory)
    : config(directory + "/xserver.conf"),
      config_directory(directory + "/xserver.conf.d"),
      xauthority(directory + "/xauthority"),
      output(directory + "/xserver.out"),
      log(directory + "/xserver.log"),
      record(directory + "/" + os::kDisplayServerFile) {}

void XorgFiles::remove() const {
    for (const std::string& path : {config, xauthority, output, log, log + ".old", record}) {
        ::unlink(path.c_str());
    }
}

os::Result<std::string> find_xorg(const std::string& preferred) {
    if (!preferred.empty()) {
        if (::access(preferred.c_str(), X_OK) == 0) {
            return preferred;
        }
    } else {
        for (const char* program : kPrograms) {
            if (::access(program, X_OK) == 0) {
                return std::string(program);
            }
        }
    }
    return os::fail(kStart, 0, os::Reaction::fallback,
                    fmt::format("Xorg is not installed: {}", kInstall));
}

std::uint32_t xorg_video_ram_kib() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page_bytes = ::sysconf(_SC_PAGESIZE);
    const std::int64_t memory_kib = std::int64_t{pages} * page_bytes / 1024;
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(memory_kib / 2, 65'536, kXorgMostVideoRam));
}

os::Result<void> check_socket_directory() {
    if (::access(kX11SocketDirectory, W_OK | X_OK) == 0 || errno == ENOENT) {
        return {};  // the server makes it
    }
    return os::fail(kStart, errno, os::Reaction::reject,
                    fmt::format("{0} is closed to this user, and X servers have their sockets "
                                "there; open it, as root: chmod 1777 {0}",
                                kX11SocketDirectory));
}

bool display_seems_free(std::uint32_t number) {
    std::uint32_t server_pid = 0;
    const auto reached = connect_display(number, os::now_ns(), server_pid);
    return ::access(lock_path(number).c_str(), F_OK) != 0 && !reached &&
           reached.error().reaction == os::Reaction::reopen;
}

os::Result<os::Process> launch_xorg(const std::string& program, const XorgFiles& files,
                                    std::uint32_t number) {
    ::unlink(files.output.c_str());
    os::ChildProcess::Options options;
    options.arguments = {program,      fmt::format(":{}", number),
                         "-config",    files.config,
                         "-configdir", files.config_directory,
                         "-auth",      files.xauthority,
                         "-logfile",   files.log,
                         "-nolisten",  "tcp",
                         "-noreset",   "-novtswitch",
                         "-sharevts"};
    options.output_file = files.output;
    options.detached = true;
    auto child = os::ChildProcess::spawn(options);
    if (!child) {
        return tl::unexpected(child.error());
    }
    // Nobody knows of it yet: what cannot be held is not left either.
    try {
        auto process = os::Process::open(child->process().pid());
        if (process) {
            return process;
        }
    } catch (...) {
        child->stop(os::StopHow::kill);
        throw;
    }
    child->stop(os::StopHow::kill);
    return explain_xorg_end(files);
}

tl::unexpected<os::Error> explain_xorg_end(const XorgFiles& files) {
    const std::string said = read_text(files.output);
    if (said.find("already active for display") != std::string::npos ||
        said.find("listening socket") != std::string::npos) {
        return os::fail(kStart, kXorgDisplayTaken, os::Reaction::retry,
                        "another X server took the display; try again");
    }
    const std::string log = read_text(files.log);
    if (log.find("Failed to load module \"dummy\"") != std::string::npos) {
        return os::fail(kStart, 0, os::Reaction::fallback,
                        fmt::format("its dummy video driver is not installed: {}", kInstall));
    }
    const std::string line = last_error_line(log.empty() ? said : log);
    return os::fail(kStart, 0, os::Reaction::retry,
                    fmt::format("it ended at once: {}; see {}",
                                line.empty() ? "without a reason" : line, files.log));
}

void remove_dead_display(const std::string& display, std::uint32_t dead_pid) {
    const auto number = local_display_number(display);
    if (!number) {
        return;
    }
    const std::string lock = lock_path(*number);
    std::uint32_t holder = 0;
    std::ifstream(lock) >> holder;
    const bool its_own = holder == dead_pid;
    // Without a lock (a cleaner of /tmp may have it), a socket where nobody listens is nobody's.
    if (its_own || display_seems_free(*number)) {
        ::unlink(fmt::format("{}/X{}", kX11SocketDirectory, *number).c_str());
    }
    if (its_own) {
        ::unlink(lock.c_str());
    }
}

}  // namespace pf::driver
