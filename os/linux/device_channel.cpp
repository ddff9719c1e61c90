#include <pf/os/device_channel.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <pf/os/clock.hpp>
#include <pf/os/instance_directory.hpp>
#include <pf/os/linux/seqpacket.hpp>
#include <pf/os/runtime_dir.hpp>

#include "control_channel.hpp"
#include "instance_files.hpp"
#include "private_directory.hpp"
#include "runtime_base.hpp"

namespace pf::os {

namespace {

constexpr const char* kOperation = "open control channel";
// A driver takes a connection as soon as its listener exists, however busy it is: the kernel does.
// Only one that has stopped for long lets the queue fill up.
constexpr std::int64_t kConnectTimeout = kSecond;

tl::unexpected<Error> fail_open(const std::string& instance, const Error& cause) {
    return fail(kOperation, cause.code, cause.reaction,
                "instance '" + instance + "': " + cause.detail);
}

Result<Handle> open_instance(const std::string& instance) {
    if (!valid_instance_name(instance)) {
        return fail(kOperation, 0, Reaction::reject, "'" + instance + "' is no instance name");
    }
    // The parent first: whoever can write to it can put another directory in place of ours.
    Result<Handle> directory = open_runtime_directory();
    if (directory) {
        directory = open_private_directory(instance_path(instance));
    }
    if (!directory && directory.error().code == ENOENT) {
        return fail(kOperation, ENOENT, Reaction::reopen,
                    "there is no instance '" + instance + "'; start a driver");
    }
    return directory;
}

// One of another pid namespace has no number here, and where the system lets nobody hold a process
// the connection says as well when it ends.
Result<Process> hold_peer(const Handle& socket, const PeerCredentials& peer,
                          const std::optional<InstanceRecord>& record) {
    Result<Process> process = Process::open(peer.pid);
    if (process || (peer.pid != 0 && process.error().reaction == Reaction::reopen)) {
        return process;
    }
    return socket.duplicate().map([&](Handle&& line) {
        return Process::behind(std::move(line), record ? record->driver.pid : peer.pid);
    });
}

// The process that listens, proven to be the one that the instance's record names.
Result<Process> verify_peer(const Handle& socket, const Handle& directory) {
    const Result<PeerCredentials> peer = peer_credentials(socket);
    if (!peer) {
        return tl::unexpected(peer.error());
    }
    if (peer->uid != ::geteuid()) {
        return fail(kOperation, 0, Reaction::reject,
                    "user " + std::to_string(peer->uid) + " listens there, not ours");
    }
    const auto record = read_record(directory);
    Result<Process> process = hold_peer(socket, *peer, record);
    if (!process) {
        return process;
    }
    const ProcessIdentity found{process->own_pid(), process->identity().start_ticks};
    if (record && record->driver.pid != 0 && !may_be_same(record->driver, found)) {
        return fail(kOperation, 0, Reaction::reopen,
                    "process " + std::to_string(found.pid) + " listens there, but process " +
                        std::to_string(record->driver.pid) + " is its driver");
    }
    return process;
}

}  // namespace

Result<std::unique_ptr<DeviceChannel>> DeviceChannel::open(const std::string& instance,
                                                           const Patience& patience,
                                                           const std::string&) {
    const Result<Handle> directory = open_instance(instance);
    if (!directory) {
        return tl::unexpected(directory.error());
    }
    Result<Handle> socket = connect_seqpacket(
        *directory, kControlFile, std::min(deadline_after(kConnectTimeout), patience.deadline_ns),
        instance_path(instance));
    if (!socket) {
        return fail_open(instance, socket.error());
    }
    Result<Process> driver = verify_peer(*socket, *directory);
    if (!driver) {
        return fail_open(instance, driver.error());
    }
    Result<Event> wake = Event::create();
    if (!wake) {
        return fail_open(instance, wake.error());
    }
    return std::make_unique<ControlChannel>(std::move(*socket), std::move(*driver),
                                            std::move(*wake));
}

}  // namespace pf::os
