#include "ioctl_server.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include <pf/os/clock.hpp>
#include <pf/os/linux/seqpacket.hpp>

namespace pf::hostproc {
namespace {

constexpr std::int64_t kTickNs = 500 * os::kMillisecond;        // core asks for one a second
constexpr std::int64_t kAcceptRestNs = 100 * os::kMillisecond;  // after running out of descriptors
constexpr std::int64_t kMemoryRestNs = 10 * os::kMillisecond;   // after running out of memory

// No descriptor left here, or the owner has its share: later may do.
constexpr std::uint32_t kStatusInsufficientResources = 0xC000009A;  // ntstatus.h

int descriptor_of(const os::Handle& handle) {
    return static_cast<int>(handle.native());
}

}  // namespace

os::Result<void> IoctlServer::run(const os::Flag& stop) {
    for (;;) {
        try {
            const auto turned = turn(stop);
            if (!turned || *turned == Turn::stopped) {
                return turned ? os::Result<void>{} : tl::unexpected(turned.error());
            }
        } catch (const std::bad_alloc&) {
            // Nothing is lost: what was ready still is.
            os::sleep_until(os::deadline_after(kMemoryRestNs));
        }
    }
}

os::Result<IoctlServer::Turn> IoctlServer::turn(const os::Flag& stop) {
    poll_entries(stop, entries_);
    const std::int64_t left_ns = next_tick_ns_ - os::now_ns();
    const int timeout_ms =
        static_cast<int>(std::max<std::int64_t>(0, left_ns / os::kMillisecond + 1));
    if (::poll(entries_.data(), entries_.size(), timeout_ms) < 0) {
        // EINVAL: somebody lowered the limit of descriptors below what is open.
        if (errno != EINTR && errno != ENOMEM && errno != EINVAL) {
            return os::fail_last("serve hosts", "poll");
        }
        os::sleep_until(os::deadline_after(errno == EINTR ? 0 : kMemoryRestNs));
        for (pollfd& entry : entries_) {
            entry.revents = 0;
        }
    }
    if (entries_[0].revents != 0) {
        return Turn::stopped;
    }
    serve_ready(entries_);
    if (const std::int64_t now_ns = os::now_ns(); now_ns >= next_tick_ns_) {
        runtime_.tick(now_ns);
        next_tick_ns_ = now_ns + kTickNs;
    }
    return Turn::done;
}

// In this order: stop, listener, owners, connections. poll() skips a descriptor of -1.
void IoctlServer::poll_entries(const os::Flag& stop, std::vector<pollfd>& out) const {
    out.clear();
    out.push_back({descriptor_of(stop.handle()), POLLIN, 0});
    const bool resting = os::now_ns() < accept_again_ns_;
    out.push_back({resting ? -1 : descriptor_of(listener_), POLLIN, 0});
    for (const auto& [owner, entry] : owners_.entries()) {
        out.push_back({descriptor_of(entry.process.handle()), POLLIN, 0});
    }
    for (const auto& [descriptor, connection] : connections_) {
        out.push_back({static_cast<int>(descriptor), POLLIN, 0});
    }
}

// Requests first: what a host sent before it ended still counts. Connections may close on the way,
// so each is looked up again; a new one comes last, so that no descriptor is taken for another's.
void IoctlServer::serve_ready(const std::vector<pollfd>& entries) {
    const auto first_owner = entries.begin() + 2;
    const auto first_connection =
        first_owner + static_cast<std::ptrdiff_t>(owners_.entries().size());
    std::vector<core::Owner> exited;
    auto entry = first_owner;
    for (const auto& [owner, unused] : owners_.entries()) {
        if (entry->revents != 0) {
            exited.push_back(owner);
        }
        ++entry;
    }
    for (auto it = first_connection; it != entries.end(); ++it) {
        const auto found = connections_.find(it->fd);
        if (it->revents != 0 && found != connections_.end()) {
            serve(found->second);
        }
    }
    for (const core::Owner owner : exited) {
        owner_exited(owner);
    }
    if (entries[1].revents != 0) {
        accept_one();
    }
}

void IoctlServer::accept_one() {
    auto socket = os::accept_seqpacket(listener_);
    if (!socket) {
        const std::int64_t code = socket.error().code;
        if (code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM) {
            spdlog::warn("{}", socket.error().message());
            accept_again_ns_ = os::now_ns() + kAcceptRestNs;
        }
        return;
    }
    const auto owner = admit(*socket);
    if (!owner) {
        return;
    }
    try {
        const Descriptor descriptor = socket->native();
        connections_.emplace(descriptor, Connection{std::move(*socket), *owner, next_number_++});
    } catch (const std::bad_alloc&) {
        forget_connection_of(*owner);
        throw;
    }
}

std::optional<core::Owner> IoctlServer::admit(const os::Handle& socket) {
    const auto peer = os::peer_credentials(socket);
    if (!peer || peer->uid != ::getuid()) {
        spdlog::warn("refused a connection: {}",
                     peer ? "it is another user's" : peer.error().message());
        return std::nullopt;
    }
    if (connections_.size() >= limits_.connections) {
        spdlog::warn("refused a connection of pid {}: {} are open", peer->pid, connections_.size());
        return std::nullopt;
    }
    const auto owner = owners_.enter(peer->pid);
    if (!owner) {
        return std::nullopt;  // it is gone already
    }
    if (connections_of(*owner) >= limits_.connections_per_owner) {
        spdlog::warn("refused a connection of pid {}: it has {}", peer->pid,
                     connections_of(*owner));
        owners_.leave(*owner);
        return std::nullopt;
    }
    return *owner;
}

// Hosts that cannot be told apart share one portion.
std::size_t IoctlServer::connections_of(core::Owner owner) const {
    const bool held = owners_.is_held(owner);
    const auto counts = [&](const auto& entry) {
        const core::Owner other = entry.second.owner;
        return other == owner || (!held && !owners_.is_held(other));
    };
    return static_cast<std::size_t>(
        std::count_if(connections_.begin(), connections_.end(), counts));
}

// A request that finds no memory costs its connection: what became of it is not known here, and the
// host starts again.
void IoctlServer::serve(Connection& connection) {
    bool keep = false;
    try {
        keep = serve_message(connection);
    } catch (const std::bad_alloc&) {
        spdlog::error("owner {}: no memory for its request, connection closed", connection.owner);
    }
    if (!keep) {
        close(connection.socket.native());
    }
}

bool IoctlServer::serve_message(const Connection& connection) {
    std::array<std::byte, kMaxRequestBytes> buffer;
    auto message = os::receive_message(connection.socket, buffer);
    if (!message && message.error().reaction == os::Reaction::retry) {
        return true;
    }
    if (!message || message->bytes == 0 || message->truncated) {
        return false;
    }
    // A give whose descriptor found no room here is refused, not malformed.
    const bool any = !message->handles.empty() || message->handles_dropped;
    const auto request = parse_request(std::span(buffer).first(message->bytes), any ? 1 : 0);
    if (!request) {
        spdlog::warn("owner {}: malformed message, connection closed", connection.owner);
        return false;
    }
    os::Handle given;
    if (!message->handles.empty() && !message->handles_dropped) {
        given = std::move(message->handles.front());
    }
    return answer(connection, *request, std::move(given));
}

bool IoctlServer::answer(const Connection& connection, const ControlRequest& request,
                         os::Handle given) {
    const ControlReply reply = perform(connection, request, std::move(given));
    std::array<std::byte, kMaxReplyBytes> bytes;
    const std::size_t size = write_reply(reply, bytes);
    const auto sent = os::send_message(connection.socket, std::span(bytes).first(size), nullptr);
    if (!sent && sent.error().reaction == os::Reaction::retry) {
        spdlog::warn("owner {}: does not read its replies, connection closed", connection.owner);
    }
    return sent.has_value();
}

ControlReply IoctlServer::perform(const Connection& connection, const ControlRequest& request,
                                  os::Handle given) {
    const core::Owner owner = connection.owner;
    ControlReply reply{};
    reply.header.magic = proto::kTransportMagic;
    reply.header.version = proto::kTransportVersion;
    reply.header.request_id = request.header.request_id;
    switch (request.header.kind) {
        case proto::kTransportGiveHandle: {
            const auto value =
                given ? runtime_.give(owner, std::move(given), connection.number) : std::nullopt;
            reply.header.value = value.value_or(0);
            reply.header.status = value ? proto::kStatusSuccess : kStatusInsufficientResources;
            break;
        }
        case proto::kTransportCloseHandle:
            reply.header.status = runtime_.close(owner, request.header.value)
                                      ? proto::kStatusSuccess
                                      : proto::kStatusNotFound;
            break;
        default: {
            const auto done = runtime_.control(
                owner, request.header.code, request.payload,
                std::span(reply.payload).first(request.header.reply_capacity), os::now_ns());
            reply.header.status = done.status;
            reply.header.payload_bytes = static_cast<std::uint32_t>(done.bytes_written);
            set_reason(reply, request, done.reason_line, done.final);
        }
    }
    return reply;
}

void IoctlServer::close(Descriptor descriptor) {
    const auto found = connections_.find(descriptor);
    const core::Owner owner = found->second.owner;
    runtime_.connection_gone(owner, found->second.number);
    connections_.erase(found);
    forget_connection_of(owner);
}

void IoctlServer::forget_connection_of(core::Owner owner) {
    if (owners_.leave(owner)) {
        spdlog::debug("owner {}: closed its last connection", owner);
        runtime_.owner_gone(owner);
    }
}

// Its connections may live on in a child that inherited them; they end with their owner.
void IoctlServer::owner_exited(core::Owner owner) {
    std::vector<Descriptor> theirs;
    for (const auto& [descriptor, connection] : connections_) {
        if (connection.owner == owner) {
            theirs.push_back(descriptor);
        }
    }
    for (const Descriptor descriptor : theirs) {
        close(descriptor);
    }
}

}  // namespace pf::hostproc
