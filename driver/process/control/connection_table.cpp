#include "connection_table.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <pf/os/linux/seqpacket.hpp>

namespace pf::driver {

void ConnectionTable::admit(os::Handle socket) {
    const auto owner = enter(socket);
    if (!owner) {
        return;
    }
    try {
        connections_.try_emplace(next_number_, std::move(socket), *owner, next_number_);
        ++next_number_;
    } catch (...) {
        owners_.leave(*owner);
        throw;
    }
}

std::optional<core::Owner> ConnectionTable::enter(const os::Handle& socket) {
    const auto peer = os::peer_credentials(socket);
    if (!peer || peer->uid != ::getuid()) {
        spdlog::warn("refused a connection: {}",
                     peer ? "it is another user's" : peer.error().message());
        return std::nullopt;
    }
    if (connections_.size() >= limits_.in_all) {
        spdlog::warn("refused a connection of pid {}: {} are open", peer->pid, connections_.size());
        return std::nullopt;
    }
    const auto owner = owners_.enter(peer->pid);
    if (!owner) {
        return std::nullopt;  // it is gone already
    }
    if (const std::size_t has = count_of(*owner); has >= limits_.per_owner) {
        spdlog::warn("refused a connection of pid {}: it has {}", peer->pid, has);
        owners_.leave(*owner);
        return std::nullopt;
    }
    return *owner;
}

// Hosts that cannot be told apart share one portion.
std::size_t ConnectionTable::count_of(core::Owner owner) const {
    const bool held = owners_.is_held(owner);
    return static_cast<std::size_t>(
        std::count_if(connections_.begin(), connections_.end(), [&](const auto& entry) {
            const core::Owner other = entry.second.owner;
            return other == owner || (!held && !owners_.is_held(other));
        }));
}

Connection* ConnectionTable::find(ConnectionNumber number) {
    const auto found = connections_.find(number);
    return found != connections_.end() ? &found->second : nullptr;
}

bool ConnectionTable::close(ConnectionNumber number) {
    const auto found = connections_.find(number);
    if (found == connections_.end()) {
        return false;
    }
    const core::Owner owner = found->second.owner;
    connections_.erase(found);
    return owners_.leave(owner);
}

void ConnectionTable::add_items(std::vector<os::WaitItem>& items) {
    for (const auto& [owner, entry] : owners_.entries()) {
        items.emplace_back(entry.process);
    }
    for (auto& [number, connection] : connections_) {
        items.emplace_back(connection.source);
    }
}

void ConnectionTable::note_ready(std::span<const os::WaitItem> items) {
    const std::size_t owners = owners_.entries().size();
    any_died_ = std::any_of(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(owners),
                            [](const os::WaitItem& item) { return item.ready(); });
    auto item = items.begin() + static_cast<std::ptrdiff_t>(owners);
    for (auto& [number, connection] : connections_) {
        connection.ready = item->ready();
        ++item;
    }
}

Connection* ConnectionTable::next_ready() {
    for (auto& [number, connection] : connections_) {
        if (std::exchange(connection.ready, false)) {
            return &connection;
        }
    }
    return nullptr;
}

// Asked of the processes again only after a wait that saw one end.
std::optional<ConnectionNumber> ConnectionTable::next_of_the_dead() {
    for (const auto& [number, connection] : connections_) {
        if (any_died_ && owners_.is_held(connection.owner) &&
            !owners_.entries().at(connection.owner).process.alive()) {
            return number;
        }
    }
    return std::nullopt;
}

}  // namespace pf::driver
