// The control connections of host processes of the same user, each with its owner. Says who may
// connect, how often, and when an owner is gone. Control thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <pf/os/handle.hpp>
#include <pf/os/wait.hpp>

#include "process/output/descriptor_source.hpp"
#include "process/runtime/owner_registry.hpp"

namespace pf::driver {

using ConnectionNumber = std::uint64_t;  // never used again

struct ConnectionLimits {
    std::size_t per_owner = 32;
    std::size_t in_all = 256;
};

struct Connection {
    Connection(os::Handle its_socket, core::Owner its_owner, ConnectionNumber its_number)
        : socket(std::move(its_socket)),
          source(socket.native()),
          owner(its_owner),
          number(its_number) {}

    os::Handle socket;
    DescriptorSource source;
    core::Owner owner;
    ConnectionNumber number;
    bool ready = false;  // as the last wait found it
};

class ConnectionTable {
public:
    explicit ConnectionTable(const ConnectionLimits& limits) : limits_(limits) {}

    // Takes in the peer of `socket`, or closes it and says why in the log.
    void admit(os::Handle socket);
    // Null: closed since.
    Connection* find(ConnectionNumber number);
    // The number stays in use by nobody. True: it was its owner's last; then the owner is gone.
    bool close(ConnectionNumber number);

    // Appends what there is to wait for: the owners' processes and the connections.
    void add_items(std::vector<os::WaitItem>& items);
    // What the wait found about them; `items` begins with the first one that was appended.
    void note_ready(std::span<const os::WaitItem> items);
    // One that is ready, and is not ready any more then. Null: none is.
    Connection* next_ready();
    // One whose owner's process has ended. nullopt: none.
    std::optional<ConnectionNumber> next_of_the_dead();

private:
    std::optional<core::Owner> enter(const os::Handle& socket);
    std::size_t count_of(core::Owner owner) const;

    const ConnectionLimits limits_;
    OwnerRegistry owners_;
    std::map<ConnectionNumber, Connection> connections_;
    ConnectionNumber next_number_ = 1;
    bool any_died_ = false;
};

}  // namespace pf::driver
