#include "xorg_server.hpp"

#include <fmt/format.h>

#include <pf/os/clock.hpp>
#include <pf/os/runtime_dir.hpp>
#include <pf/os/wait.hpp>

#include "x11_socket.hpp"
#include "xorg_config.hpp"
#include "xorg_launch.hpp"
#include "xorg_private_file.hpp"

namespace pf::hostproc {
namespace {

constexpr std::int64_t kStartNs = 15 * os::kSecond;  // about 0.15 s on an idle machine
constexpr std::int64_t kAnswerNs = 3 * os::kSecond;  // of a server that runs already
constexpr std::int64_t kStopNs = 3 * os::kSecond;    // from asking to killing
constexpr std::int64_t kPollNs = 3 * os::kMillisecond;
// Below lie the numbers of login sessions and of forwarded displays.
constexpr std::uint32_t kFirstDisplay = 40;
constexpr std::uint32_t kEndDisplay = 1000;
constexpr std::size_t kMostRecordBytes = 4096;

void end_process(const os::Process& process) {
    os::stop_process(process, os::StopHow::ask);
    if (os::wait({.process = &process}, os::deadline_after(kStopNs)) != os::Woke::deadline) {
        return;
    }
    os::stop_process(process, os::StopHow::kill);
    os::wait({.process = &process}, os::deadline_after(kStopNs));
}

std::optional<XorgRecord> read_record(const XorgFiles& files) {
    const auto text = read_private_file(files.record, kMostRecordBytes);
    return text ? XorgRecord::decode(*text) : std::nullopt;
}

// The very process of the record; null when that one is gone.
os::Process open_recorded(const XorgRecord& record) {
    auto process = os::Process::open(record.process.pid);
    return process && process->identity() == record.process ? std::move(*process) : os::Process();
}

std::string number_text(const std::string& display) {
    return display.substr(1);
}

}  // namespace

os::Result<XorgServer> XorgServer::adopt_or_start(const XorgOptions& options) {
    if (auto made = os::make_private_directory(options.state_directory); !made) {
        return tl::unexpected(std::move(made.error()));
    }
    if (auto adopted = adopt(options)) {
        return adopted;
    }
    return start(options);
}

os::Result<XorgServer> XorgServer::adopt(const XorgOptions& options) {
    const XorgFiles files(options.state_directory);
    auto record = read_record(files);
    if (!record) {
        return os::fail("adopt Xorg", 0, os::Reaction::reopen, "none was left running");
    }
    XorgServer server;
    server.state_directory_ = options.state_directory;
    server.process_ = open_recorded(*record);
    server.record_ = std::move(*record);
    server.adopted_ = true;
    const std::string& display = server.record_.display;
    const auto authority = read_private_file(files.xauthority, kMostRecordBytes);
    if (server.process_ && local_display_number(display) && authority) {
        server.endpoint_ = {display, find_cookie(*authority, number_text(display), ""),
                            server.process_.pid()};
        if (server.endpoint_.cookie &&
            X11Connection::open(server.endpoint_, os::deadline_after(kAnswerNs))) {
            return server;
        }
    }
    server.stop();
    return os::fail("adopt Xorg", 0, os::Reaction::reopen, "the one left behind does not answer");
}

os::Result<XorgServer> XorgServer::start(const XorgOptions& options) {
    const auto program = find_xorg(options.program);
    const auto cookie = XorgCookie::generate();
    if (!program || !cookie) {
        return tl::unexpected(program ? cookie.error() : program.error());
    }
    for (std::uint32_t number = kFirstDisplay;; ++number) {
        if (number == kEndDisplay) {
            return os::fail("start Xorg", 0, os::Reaction::retry, "no display number is free");
        }
        if (!display_seems_free(number)) {
            continue;
        }
        auto server = start_on(options.state_directory, *program, *cookie, number);
        if (server || server.error().code != kXorgDisplayTaken) {
            return server;
        }
    }
}

os::Result<XorgServer> XorgServer::start_on(const std::string& directory,
                                            const std::string& program, const XorgCookie& cookie,
                                            std::uint32_t number) {
    const XorgFiles files(directory);
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
    server.state_directory_ = directory;
    server.process_ = std::move(*process);
    server.record_ = {server.process_.identity(), fmt::format(":{}", number), files.xauthority,
                      files.log};
    server.endpoint_ = {server.record_.display, cookie, server.process_.pid()};
    // The record comes first: a driver that dies in here leaves a server that its successor finds.
    auto ready = write_private_file(files.record, server.record_.encode());
    if (ready) {
        ready = server.await_answer();
    }
    if (!ready) {
        end_process(server.process_);
        remove_dead_display(server.record_.display, server.record_.process.pid);
        return tl::unexpected(std::move(ready.error()));
    }
    return server;
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
        os::wait({.process = &process_}, os::deadline_after(kPollNs));
    }
}

void XorgServer::stop() {
    if (process_) {
        end_process(process_);
        process_ = os::Process();
    }
    remove_dead_display(record_.display, record_.process.pid);
    XorgFiles(state_directory_).remove();
}

}  // namespace pf::hostproc
