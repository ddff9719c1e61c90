#include "ioctl_server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include <pf/os/clock.hpp>
#include <pf/os/linux/seqpacket.hpp>

namespace pf::driver {
namespace {

constexpr std::int64_t kTickNs = 500 * os::kMillisecond;        // core asks for one a second
constexpr std::int64_t kAcceptRestNs = 100 * os::kMillisecond;  // after running out of descriptors
constexpr std::int64_t kMemoryRestNs = 10 * os::kMillisecond;   // after running out of memory

// No descriptor left here, or the owner has its share: later may do.
constexpr std::uint32_t kStatusInsufficientResources = 0xC000009A;  // ntstatus.h

// Where the items stand; the connections' own follow.
constexpr std::size_t kStop = 0, kListener = 2, kFirstOfConnections = 3;

ControlReply reply_to(const ControlRequest& request) {
    ControlReply reply{};
    reply.header.magic = proto::kTransportMagic;
    reply.header.version = proto::kTransportVersion;
    reply.header.request_id = request.header.request_id;
    return reply;
}

ControlReply reply_to(const ControlRequest& request, const Runtime::Outcome& outcome) {
    ControlReply reply = reply_to(request);
    reply.header.status = outcome.status;
    reply.header.payload_bytes = static_cast<std::uint32_t>(outcome.bytes_written);
    std::copy_n(outcome.output.begin(), outcome.bytes_written, reply.payload.begin());
    try {
        set_reason(reply, request, outcome.reason_line, outcome.final);
    } catch (const std::bad_alloc&) {  // the answer counts
    }
    return reply;
}

ControlRequest without_payload(ControlRequest request) {
    request.payload = {};  // it lies in the buffer of the message
    return request;
}

// The host has closed its end, perhaps with replies unread. What it asked before is served all the
// same, up to the end of the stream: it may have given up waiting for a driver that was stopped.
bool is_one_sided(const os::Error& error) {
    return error.code == EPIPE || error.code == ECONNRESET;
}

}  // namespace

void IoctlServer::run(const os::Flag& stop) {
    for (;;) {
        try {
            if (!turn(stop)) {
                return;
            }
        } catch (const std::bad_alloc&) {
            // Nothing is lost: what was ready still is, and what was completed is asked for.
            os::sleep_until(os::deadline_after(kMemoryRestNs));
        }
    }
}

// Requests before ends: what a host sent before it ended still counts. A new connection comes last.
bool IoctlServer::turn(const os::Flag& stop) {
    send_finished();
    collect_items(stop);
    os::wait(items_, next_tick_ns_);
    if (items_[kStop].ready()) {
        return false;
    }
    connections_.note_ready(std::span(items_).subspan(kFirstOfConnections));
    while (const Connection* connection = connections_.next_ready()) {
        serve(*connection);
    }
    // A dead host's connections may live on in a child that inherited them; they end with it.
    while (const auto number = connections_.next_of_the_dead()) {
        close(*connections_.find(*number));
    }
    if (items_[kListener].ready()) {
        accept_one();
    }
    if (const std::int64_t now_ns = os::now_ns(); now_ns >= next_tick_ns_) {
        runtime_.tick(now_ns);
        next_tick_ns_ = now_ns + kTickNs;
    }
    return true;
}

void IoctlServer::collect_items(const os::Flag& stop) {
    const bool resting = os::now_ns() < accept_again_ns_;
    items_.clear();
    items_.emplace_back(stop);
    items_.emplace_back(runtime_.completed());
    items_.emplace_back(resting ? nullptr : &listener_source_);
    connections_.add_items(items_);
}

void IoctlServer::accept_one() {
    auto socket = os::accept_seqpacket(listener_);
    if (socket) {
        connections_.admit(std::move(*socket));
        return;
    }
    const std::int64_t code = socket.error().code;
    if (code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM) {
        spdlog::warn("{}", socket.error().message());
        accept_again_ns_ = os::now_ns() + kAcceptRestNs;
    }
}

// A request that finds no memory costs its connection: what became of it is not known here, and the
// host starts again.
void IoctlServer::serve(const Connection& connection) {
    bool keep = false;
    try {
        keep = serve_message(connection);
    } catch (const std::bad_alloc&) {
        spdlog::error("owner {}: no memory for its request, connection closed", connection.owner);
    }
    if (!keep) {
        close(connection);
    }
    send_finished();
}

bool IoctlServer::serve_message(const Connection& connection) {
    std::array<std::byte, kMaxRequestBytes> buffer;
    auto message = os::receive_message(connection.socket, buffer);
    if (!message &&
        (message.error().reaction == os::Reaction::retry || is_one_sided(message.error()))) {
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
    if (request.header.kind != proto::kTransportControl) {
        return send(connection, exchange_handle(connection, request, std::move(given)));
    }
    const auto reply = perform(connection, request);
    return !reply || send(connection, *reply);
}

bool IoctlServer::send(const Connection& connection, const ControlReply& reply) {
    std::array<std::byte, kMaxReplyBytes> bytes;
    const std::size_t size = write_reply(reply, bytes);
    const auto sent = os::send_message(connection.socket, std::span(bytes).first(size), nullptr);
    if (!sent && sent.error().reaction == os::Reaction::retry) {
        spdlog::warn("owner {}: does not read its replies, connection closed", connection.owner);
    }
    return sent || is_one_sided(sent.error());
}

ControlReply IoctlServer::exchange_handle(const Connection& connection,
                                          const ControlRequest& request, os::Handle given) {
    const core::Owner owner = connection.owner;
    ControlReply reply = reply_to(request);
    if (request.header.kind == proto::kTransportGiveHandle) {
        const auto value =
            given ? handles_.give(owner, std::move(given), connection.number) : std::nullopt;
        reply.header.value = value.value_or(0);
        reply.header.status = value ? proto::kStatusSuccess : kStatusInsufficientResources;
    } else {
        reply.header.status = handles_.close(owner, request.header.value) ? proto::kStatusSuccess
                                                                          : proto::kStatusNotFound;
    }
    return reply;
}

std::optional<ControlReply> IoctlServer::perform(const Connection& connection,
                                                 const ControlRequest& request) {
    const core::RequestId id = next_request_++;
    // Noted first: once it is begun, nothing may fail.
    const auto noted =
        pending_.try_emplace(id, Pending{connection.number, without_payload(request)}).first;
    const auto done = runtime_.control({id, connection.owner, request.header.code, request.payload,
                                        request.header.reply_capacity, os::now_ns()});
    if (!done) {
        return std::nullopt;
    }
    pending_.erase(noted);
    return reply_to(request, *done);
}

void IoctlServer::send_finished() {
    while (const auto answer = runtime_.next_answer(os::now_ns())) {
        if (const auto pending = pending_.extract(answer->request)) {
            send_late(pending.mapped(), answer->outcome);
        }
    }
}

// Its connection may be closed since; then nobody waits for it.
void IoctlServer::send_late(const Pending& pending, const Runtime::Outcome& outcome) {
    const Connection* connection = connections_.find(pending.connection);
    if (connection != nullptr && !send(*connection, reply_to(pending.request, outcome))) {
        close(*connection);
    }
}

void IoctlServer::close(const Connection& connection) {
    const core::Owner owner = connection.owner;
    handles_.drop_connection(owner, connection.number);
    if (connections_.close(connection.number)) {
        spdlog::debug("owner {}: closed its last connection", owner);
        runtime_.owner_gone(owner);
        send_finished();
    }
}

}  // namespace pf::driver
