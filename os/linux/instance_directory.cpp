#include <pf/os/instance_directory.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <pf/os/display_server.hpp>
#include <pf/os/linux/seqpacket.hpp>
#include <pf/os/runtime_dir.hpp>

#include "descriptor_poll.hpp"
#include "instance_files.hpp"
#include "private_directory.hpp"
#include "process_view.hpp"

namespace pf::os {

namespace {

constexpr std::size_t kMaxRecordBytes = 8192;
constexpr const char* kNewStateFile = "state.new";

// Belongs to the open file, not to the process: gone when the last descriptor of it closes, and
// other code of the process cannot drop it by accident.
bool take_lock(const Handle& file) {
    struct flock request {};
    request.l_type = F_WRLCK;
    request.l_whence = SEEK_SET;
    return ::fcntl(descriptor_of(file), F_OFD_SETLK, &request) == 0;
}

// All of it, or false and errno: a disk that fills up takes a part first.
bool write_all(const Handle& file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor_of(file), text.data(), text.size());
        if (count > 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (count == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

// nullopt: absent, no ordinary file, or too long.
std::optional<std::string> read_small_file(const Handle& directory, const char* name) {
    // O_NONBLOCK: a FIFO in its place must not hold us.
    const Handle file = Handle::adopt(
        ::openat(descriptor_of(directory), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!file || ::fstat(descriptor_of(file), &status) != 0 || !S_ISREG(status.st_mode)) {
        return std::nullopt;
    }
    char text[kMaxRecordBytes];
    const ssize_t count = ::read(descriptor_of(file), text, sizeof text);
    if (count < 0 || count == static_cast<ssize_t>(sizeof text)) {
        return std::nullopt;
    }
    return std::string(text, static_cast<std::size_t>(count));
}

}  // namespace

std::string instance_path(const std::string& name) {
    return runtime_directory() + "/" + name;
}

std::optional<InstanceRecord> read_record(const Handle& directory) {
    const auto text = read_small_file(directory, kStateFile);
    return text ? parse_record(*text) : std::nullopt;
}

bool valid_instance_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= 64 && name[0] != '.' &&
           std::all_of(name.begin(), name.end(), allowed);
}

std::string_view instance_name_rule() {
    return "an instance is named by 1 to 64 of A-Z a-z 0-9 . _ -, not starting with a dot";
}

std::optional<DisplayServer> noted_display_server(const std::string& instance_directory) {
    const Result<Handle> directory = open_private_directory(instance_directory);
    const auto text = directory ? read_small_file(*directory, kDisplayServerFile) : std::nullopt;
    auto server = text ? DisplayServer::decode(*text) : std::nullopt;
    return server && !server->display.empty() ? server : std::nullopt;
}

Result<InstanceDirectory> InstanceDirectory::acquire(const std::string& name) {
    const char* operation = "acquire instance";
    if (!valid_instance_name(name)) {
        return fail(operation, 0, Reaction::reject,
                    "'" + name + "' is no instance name; use up to 64 of A-Z a-z 0-9 . _ -");
    }
    InstanceDirectory instance;
    instance.name_ = name;
    instance.path_ = instance_path(name);
    if (const auto made = make_private_directory(instance.path_); !made) {
        return tl::unexpected(made.error());
    }
    Result<Handle> directory = open_private_directory(instance.path_);
    if (!directory) {
        return tl::unexpected(directory.error());
    }
    Handle lock = Handle::adopt(::openat(descriptor_of(*directory), kLockFile,
                                         O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!lock) {
        return fail_last(operation, "cannot open the lock of '" + name + "'");
    }
    if (!take_lock(lock)) {
        return fail(operation, errno, Reaction::reject,
                    "another driver serves instance '" + name + "'; choose another name");
    }
    instance.directory_ = std::move(*directory);
    instance.lock_ = std::move(lock);
    return instance;
}

Result<Handle> InstanceDirectory::listen() const {
    return listen_seqpacket(path_, kControlFile);
}

Result<void> InstanceDirectory::set_state(InstanceState state, std::string_view reason,
                                          std::uint32_t protocol) {
    const char* operation = "set instance state";
    if (!directory_ || state == InstanceState::stale) {
        return fail(operation, 0, Reaction::bug, "no instance, or no state of a driver");
    }
    const auto identity = identify_process(current_pid());
    if (!identity) {
        return tl::unexpected(identity.error());
    }
    // Well below what a reader takes.
    const std::string kept_reason(reason.substr(0, kMaxRecordBytes / 4));
    const std::string text = format_record({state, *identity, protocol, kept_reason, monitors_,
                                            display_, xauthority_, pid_namespace()});
    const int directory = descriptor_of(directory_);
    Handle file = Handle::adopt(::openat(
        directory, kNewStateFile, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file || !write_all(file, text) ||
        ::renameat(directory, kNewStateFile, directory, kStateFile) != 0) {
        auto error = fail_last(operation, "cannot write " + path_ + "/" + kStateFile);
        ::unlinkat(directory, kNewStateFile, 0);
        return error;
    }
    state_ = state;
    protocol_ = protocol;
    reason_ = kept_reason;
    state_written_ = true;
    return {};
}

Result<void> InstanceDirectory::set_monitors(std::vector<std::string> monitors) {
    constexpr std::size_t kMaxMonitors = 16, kMaxLineBytes = 128;
    monitors.resize(std::min(monitors.size(), kMaxMonitors));
    for (std::string& monitor : monitors) {
        monitor.resize(std::min(monitor.size(), kMaxLineBytes));
    }
    monitors_ = std::move(monitors);
    return state_written_ ? set_state(state_, reason_, protocol_) : Result<void>();
}

Result<void> InstanceDirectory::set_display(std::string display, std::string xauthority) {
    display_ = std::move(display);
    // A part of a path is no path.
    xauthority_ = xauthority.size() <= kMaxRecordBytes / 4 ? std::move(xauthority) : std::string();
    return state_written_ ? set_state(state_, reason_, protocol_) : Result<void>();
}

InstanceDirectory::~InstanceDirectory() {
    if (!directory_) {
        return;
    }
    // State first, lock (a member) last: no look in between finds a living driver gone.
    monitors_.clear();
    display_.clear();
    xauthority_.clear();
    if (state_ == InstanceState::active || state_ == InstanceState::starting) {
        (void)set_state(InstanceState::stopped, "stopped in an orderly way", protocol_);
    }
    ::unlinkat(descriptor_of(directory_), kControlFile, 0);
}

}  // namespace pf::os
