// The control side of the driver process: takes connections of host processes of the same user,
// serves one request at a time, notices when a host is gone. Everything happens in run(), on the
// control thread.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <pf/os/flag.hpp>
#include <pf/os/handle.hpp>

#include "control_message.hpp"
#include "owner_registry.hpp"
#include "runtime.hpp"

namespace pf::hostproc {

class IoctlServer {
public:
    struct Limits {
        std::size_t connections_per_owner = 32;
        std::size_t connections = 256;
    };

    // `listener` is non-blocking; `runtime` outlives this.
    IoctlServer(os::Handle listener, Runtime& runtime, const Limits& limits)
        : listener_(std::move(listener)), runtime_(runtime), limits_(limits) {}
    IoctlServer(const IoctlServer&) = delete;
    IoctlServer& operator=(const IoctlServer&) = delete;

    // Serves until `stop` is set. A poll that fails for good ends it
    // early; want of memory or descriptors does not.
    os::Result<void> run(const os::Flag& stop);

private:
    struct Connection {
        os::Handle socket;
        core::Owner owner;
        std::uint64_t number;  // never used again
    };
    using Descriptor = std::intptr_t;

    enum class Turn { done, stopped };
    os::Result<Turn> turn(const os::Flag& stop);
    void poll_entries(const os::Flag& stop, std::vector<pollfd>& out) const;
    void serve_ready(const std::vector<pollfd>& entries);
    void accept_one();
    std::optional<core::Owner> admit(const os::Handle& socket);
    void serve(Connection& connection);
    // False: the connection has no further use.
    bool serve_message(const Connection& connection);
    bool answer(const Connection& connection, const ControlRequest& request, os::Handle given);
    ControlReply perform(const Connection& connection, const ControlRequest& request,
                         os::Handle given);
    void close(Descriptor connection);
    void forget_connection_of(core::Owner owner);
    void owner_exited(core::Owner owner);
    std::size_t connections_of(core::Owner owner) const;

    os::Handle listener_;
    Runtime& runtime_;
    const Limits limits_;
    OwnerRegistry owners_;
    std::map<Descriptor, Connection> connections_;
    std::vector<pollfd> entries_;
    std::int64_t next_tick_ns_ = 0;
    std::uint64_t next_number_ = 1;
    std::int64_t accept_again_ns_ = 0;  // no descriptor was left: the listener rests until then
};

}  // namespace pf::hostproc
