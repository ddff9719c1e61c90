#include "xorg_server.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <pf/os/clock.hpp>
#include <pf/os/runtime_dir.hpp>
#include <pf/os/wait.hpp>

#include "x11_socket.hpp"
#include "xorg_config.hpp"
#include "xorg_custody.hpp"
#include "xorg_launch.hpp"
#include "xorg_private_file.hpp"

namespace pf::driver {
namespace {

constexpr std::int64_t kStartNs = 15 * os::kSecond;    // about 0.15 s on an idle machine
constexpr std::int64_t kCustodyNs = 15 * os::kSecond;  // a keeper may be ending the last one
constexpr std::int64_t kKeeperEndNs = os::kSecond;
constexpr std::int64_t kPollNs = 3 * os::kMillisecond;
// Below lie the numbers of login sessions and of forwarded displays.
constexpr std::uint32_t kFirstDisplay = 40;
constexpr std::uint32_t kEndDisplay = 1000;
constexpr std::size_t kMostCookieFileBytes = 4096;
// One that cannot listen at all says the same as one that finds its number taken.
constexpr int kMostTaken = 10;

std::string number_text(const std::string& display) {
    return display.substr(1);
}

}  // namespace

os::Result<XorgServer> XorgServer::adopt_or_start(const XorgOptions& options) {
    if (auto made = os::make_private_directory(options.state_directory); !made) {
        return tl::unexpected(std::move(made.error()));
    }
    {
        const auto custody =
            XorgCustody::take(options.state_directory, os::deadline_after(kCustodyNs));
        if (!custody) {
            return tl::unexpected(custody.error());
        }
        auto adopted = adopt(options);
        if (!adopted) {
            return tl::unexpected(std::move(adopted.error()));
        }
        if (*adopted) {
            return std::move(**adopted);
        }
    }
    return start(options);
}

// Its silence is no reason to end it: programs live on it, and a resize can take it a minute.
os::Result<std::optional<XorgServer>> XorgServer::adopt(const XorgOptions& options) {
    const XorgFiles files(options.state_directory);
    auto record = read_xorg_record(files);
    if (!record) {
        return std::nullopt;
    }
    auto process = find_process(record->process);
    if (!process) {
        return tl::unexpected(std::move(process.error()));
    }
    XorgServer server;
    server.state_directory_ = options.state_directory;
    server.process_ = std::move(*process);
    server.keeper_ = open_identified(record->keeper);
    server.record_ = std::move(*record);
    server.adopted_ = true;
    const std::string& display = server.record_.display;
    const auto authority = read_private_file(files.xauthority, kMostCookieFileBytes);
    if (server.process_ && local_display_number(display) && authority) {
        server.endpoint_ = {display, find_cookie(*authority, number_text(display), ""),
                            server.process_.pid()};
        if (server.endpoint_.cookie) {
            if (auto taken = server.take_over(options.keeping); !taken) {
                return tl::unexpected(std::move(taken.error()));
            }
            return server;
        }
    }
    server.stop();  // gone, or without its cookie, so that no program can ever reach it
    return std::nullopt;
}

os::Result<void> XorgServer::write_record() const {
    return write_private_file(XorgFiles(state_directory_).record, record_.encode());
}

// We first, so that a keeper that counts down sees it; a keeper that is gone is replaced.
os::Result<void> XorgServer::take_over(const XorgKeeping& keeping) {
    const auto self = os::identify_process(os::current_pid());
    if (!self) {
        return tl::unexpected(self.error());
    }
    record_.driver = *self;
    if (auto written = write_record(); !written) {
        return written;
    }
    if (!keeping.program.empty() && (!keeper_ || !keeper_.alive())) {
        start_own_keeper(keeping);
    }
    return {};
}

// Without one the display is there all the same, only longer than asked for.
void XorgServer::start_own_keeper(const XorgKeeping& keeping) {
    auto keeper = start_keeper(state_directory_, keeping);
    if (!keeper) {
        spdlog::warn("X server {}: nobody will end it if this driver is killed: {}",
                     record_.display, keeper.error().message());
        return;
    }
    keeper_ = std::move(*keeper);
    record_.keeper = keeper_.identity();
    if (const auto written = write_record(); !written) {
        spdlog::warn("X server {}: {}", record_.display, written.error().message());
    }
}

void XorgServer::end_keeper() {
    if (keeper_) {
        os::stop_process(keeper_, os::StopHow::ask);
        os::wait({keeper_}, os::deadline_after(kKeeperEndNs));
        keeper_ = os::Process();
    }
}

os::Result<XorgServer> XorgServer::start(const XorgOptions& options) {
    const auto program = find_xorg(options.program);
    const auto cookie = XorgCookie::generate();
    if (!program || !cookie) {
        return tl::unexpected(program ? cookie.error() : program.error());
    }
    if (auto open = check_socket_directory(); !open) {
        return tl::unexpected(std::move(open.error()));
    }
    int taken = 0;
    for (std::uint32_t number = kFirstDisplay; number != kEndDisplay; ++number) {
        if (!display_seems_free(number)) {
            continue;
        }
        auto server = start_on(options, *program, *cookie, number);
        if (server || server.error().code != kXorgDisplayTaken || ++taken == kMostTaken) {
            return server;
        }
    }
    return os::fail("start Xorg", 0, os::Reaction::retry, "no display number is free");
}

os::Result<XorgServer> XorgServer::start_on(const XorgOptions& options, const std::string& program,
                                            const XorgCookie& cookie, std::uint32_t number) {
    const XorgFiles files(options.state_directory);
    auto written =
        write_private_file(files.xauthority, encode_authority(std::to_string(number), cookie));
    if (written) {
        written = write_private_file(files.config, xorg_config(xorg_video_ram_kib()));
    }
    if (!written) {
        return tl::unexpected(std::move(written.error()));
    }
    auto process = launch_xorg(program, files, number);
    if (!process) {
        return tl::unexpected(std::move(process.error()));
    }
    XorgServer server;
    server.process_ = std::move(*process);
    os::Result<void> ready;
    try {
        server.state_directory_ = options.state_directory;
        server.record_ = {server.process_.identity(), fmt::format(":{}", number), files.xauthority,
                          files.log};
        server.endpoint_ = {server.record_.display, cookie, server.process_.pid()};
        // The record comes first: a driver that dies in here leaves a server that its successor
        // finds.
        ready = server.take_over(options.keeping);
        if (ready) {
            ready = server.await_answer();
        }
    } catch (...) {
        server.give_up();
        throw;
    }
    if (!ready) {
        server.give_up();
        return tl::unexpected(std::move(ready.error()));
    }
    return server;
}

// The files stay: the log says why.
void XorgServer::give_up() {
    end_process(process_);
    remove_dead_display(record_.display, process_.pid());
    end_keeper();
}

os::Result<void> XorgServer::await_answer() const {
    const std::int64_t deadline_ns = os::deadline_after(kStartNs);
    for (;;) {
        const bool ended = !process_.alive();
        const auto connection = X11Connection::open(endpoint_, deadline_ns);
        if (connection) {
            return {};
        }
        if (ended) {
            return explain_xorg_end(XorgFiles(state_directory_));
        }
        if (connection.error().reaction != os::Reaction::reopen || os::now_ns() > deadline_ns) {
            return tl::unexpected(connection.error());
        }
        os::wait({process_}, os::deadline_after(kPollNs));
    }
}

// The keeper last: until then it would finish the work if we were killed in it.
void XorgServer::stop() {
    if (process_) {
        end_process(process_);
        process_ = os::Process();
    }
    remove_remains(record_, XorgFiles(state_directory_));
    end_keeper();
}

}  // namespace pf::driver
