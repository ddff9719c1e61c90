#include "raw_client.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include <pf/os/clock.hpp>
#include <pf/os/linux/seqpacket.hpp>

namespace pf::driver::test {

namespace {

constexpr int kPatienceMs = 20'000;

bool wait_readable(const os::Handle& socket) {
    pollfd entry{static_cast<int>(socket.native()), POLLIN, 0};
    return ::poll(&entry, 1, kPatienceMs) == 1;
}

}  // namespace

RawClient::RawClient(const std::string& directory, const char* name) {
    const auto folder = os::Handle::adopt(::open(directory.c_str(), O_PATH | O_CLOEXEC));
    auto connected = os::connect_seqpacket(folder, name, os::deadline_after(10 * os::kSecond));
    if (connected) {
        socket_ = std::move(*connected);
    }
}

proto::TransportRequest RawClient::request(std::uint32_t kind) {
    proto::TransportRequest header{};
    header.magic = proto::kTransportMagic;
    header.version = proto::kTransportVersion;
    header.kind = kind;
    return header;
}

bool RawClient::send(std::span<const std::byte> message, const os::Handle* give) {
    return os::send_message(socket_, message, give).has_value();
}

bool RawClient::send_two_handles(std::span<const std::byte> message, const os::Handle& handle) {
    const int descriptors[2] = {static_cast<int>(handle.native()),
                                static_cast<int>(handle.native())};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
    iovec part{const_cast<std::byte*>(message.data()), message.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* entry = CMSG_FIRSTHDR(&header);
    entry->cmsg_level = SOL_SOCKET;
    entry->cmsg_type = SCM_RIGHTS;
    entry->cmsg_len = CMSG_LEN(sizeof descriptors);
    std::memcpy(CMSG_DATA(entry), descriptors, sizeof descriptors);
    return ::sendmsg(static_cast<int>(socket_.native()), &header, MSG_NOSIGNAL) >= 0;
}

std::optional<RawClient::Reply> RawClient::receive() {
    std::array<std::byte, 1024> buffer;
    if (!connected() || !wait_readable(socket_)) {
        return std::nullopt;
    }
    const auto message = os::receive_message(socket_, buffer);
    Reply reply;
    if (!message || message->bytes < sizeof reply.header) {
        return std::nullopt;
    }
    std::memcpy(&reply.header, buffer.data(), sizeof reply.header);
    reply.payload.assign(buffer.begin() + sizeof reply.header,
                         buffer.begin() + static_cast<std::ptrdiff_t>(message->bytes));
    return reply;
}

std::optional<RawClient::Reply> RawClient::control(std::uint32_t code,
                                                   std::span<const std::byte> input,
                                                   std::uint32_t reply_capacity,
                                                   std::uint64_t reason_capacity) {
    proto::TransportRequest header = request(proto::kTransportControl);
    header.request_id = next_id_++;
    header.code = code;
    header.payload_bytes = static_cast<std::uint32_t>(input.size());
    header.reply_capacity = reply_capacity;
    header.value = reason_capacity;
    std::vector<std::byte> message(sizeof header + input.size());
    std::memcpy(message.data(), &header, sizeof header);
    std::copy(input.begin(), input.end(), message.begin() + sizeof header);
    return send(message) ? receive() : std::nullopt;
}

std::optional<RawClient::Reply> RawClient::give(const os::Handle& handle) {
    const proto::TransportRequest header = request(proto::kTransportGiveHandle);
    return send(bytes_of(header), &handle) ? receive() : std::nullopt;
}

std::optional<RawClient::Reply> RawClient::close_value(std::uint64_t value) {
    proto::TransportRequest header = request(proto::kTransportCloseHandle);
    header.value = value;
    return send(bytes_of(header)) ? receive() : std::nullopt;
}

}  // namespace pf::driver::test
