#include "test_driver.hpp"

#include <poll.h>

#include <cerrno>
#include <cstring>
#include <map>

#include <pf/os/instance_directory.hpp>
#include <pf/proto/control.hpp>

#include "descriptor_poll.hpp"

namespace pf::os::test {

bool Connection::receive(Incoming& incoming) {
    std::array<std::byte, sizeof(proto::TransportRequest) + proto::kTransportMaxPayload> message;
    poll_one(socket_, POLLIN, kNever);
    auto received = receive_message(socket_, message);
    if (!received || received->bytes < sizeof incoming.header) {
        return false;
    }
    std::memcpy(&incoming.header, message.data(), sizeof incoming.header);
    std::memcpy(incoming.payload.data(), message.data() + sizeof incoming.header,
                received->bytes - sizeof incoming.header);
    incoming.handles = std::move(received->handles);
    return true;
}

void Connection::reply(std::uint64_t id, std::uint32_t status, std::span<const std::byte> payload,
                       std::uint64_t value) {
    const proto::TransportReply header{proto::kTransportMagic,
                                       proto::kTransportVersion,
                                       id,
                                       status,
                                       static_cast<std::uint32_t>(payload.size()),
                                       value};
    std::vector<std::byte> message(sizeof header);
    std::memcpy(message.data(), &header, sizeof header);
    message.insert(message.end(), payload.begin(), payload.end());
    send_raw(message);
}

void Connection::refuse(std::uint64_t id, std::uint32_t status, std::string_view reason,
                        std::uint64_t announced) {
    const proto::TransportReply header{
        proto::kTransportMagic, proto::kTransportVersion, id, status, 0, announced};
    std::vector<std::byte> message(sizeof header + reason.size());
    std::memcpy(message.data(), &header, sizeof header);
    std::memcpy(message.data() + sizeof header, reason.data(), reason.size());
    send_raw(message);
}

void Connection::send_raw(std::span<const std::byte> message, const Handle* give) {
    Result<void> sent = send_message(socket_, message, give);
    while (!sent && sent.error().code == EAGAIN) {  // a host that runs late has a full queue
        poll_one(socket_, POLLOUT, kNever);
        sent = send_message(socket_, message, give);
    }
}

void serve_instance(const std::string& instance, const Serve& serve) {
    auto directory = InstanceDirectory::acquire(instance);
    const auto listener = directory->listen();
    (void)directory->set_state(InstanceState::active, "", 6);
    for (;;) {
        poll_one(*listener, POLLIN, kNever);
        if (auto accepted = accept_seqpacket(*listener)) {
            Connection connection(std::move(*accepted));
            serve(connection);
        }
    }
}

std::unique_ptr<ForkedChild> start_driver(const std::string& instance, const Serve& serve) {
    auto child = std::make_unique<ForkedChild>([&] { serve_instance(instance, serve); });
    eventually([&] {
        const auto instances = list_instances();
        return instances && std::any_of(instances->begin(), instances->end(), [&](const auto& i) {
                   return i.name == instance && i.pid == child->pid() &&
                          i.state == InstanceState::active;
               });
    });
    return child;
}

void serve_properly(Connection& connection) {
    std::map<std::uint64_t, Handle> handles;
    std::uint64_t next_value = 1000;
    Incoming in;
    while (connection.receive(in)) {
        const std::uint64_t id = in.header.request_id;
        if (in.header.kind == proto::kTransportGiveHandle && in.handles.size() == 1) {
            handles.emplace(next_value, std::move(in.handles[0]));
            connection.reply(id, proto::kStatusSuccess, {}, next_value++);
        } else if (in.header.kind == proto::kTransportCloseHandle) {
            const bool known = handles.erase(in.header.value) == 1;
            connection.reply(id, known ? proto::kStatusSuccess : proto::kStatusInvalidParameter);
        } else if (in.header.code == 7) {
            const auto count = static_cast<std::uint32_t>(handles.size());
            connection.reply(id, proto::kStatusSuccess, std::as_bytes(std::span(&count, 1)));
        } else {
            connection.reply(
                id, proto::kStatusSuccess,
                std::span(in.payload)
                    .first(std::min(in.header.payload_bytes, in.header.reply_capacity)));
        }
    }
}

}  // namespace pf::os::test
