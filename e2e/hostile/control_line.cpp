#include "control_line.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <pf/os/clock.hpp>
#include <pf/os/linux/seqpacket.hpp>
#include <pf/os/runtime_dir.hpp>
#include <pf/proto/control.hpp>

#include "insist.hpp"

namespace pf::hostile {
namespace {

constexpr std::int64_t kPatienceNs = 60 * os::kSecond;  // beyond it, the driver hangs

bool wait_readable(const os::Handle& socket, std::int64_t timeout_ns) {
    pollfd entry{static_cast<int>(socket.native()), POLLIN, 0};
    return ::poll(&entry, 1, static_cast<int>(timeout_ns / os::kMillisecond)) == 1;
}

}  // namespace

ControlLine::ControlLine(const std::string& instance) {
    const std::string path = os::runtime_directory() + "/" + instance;
    const os::Handle folder = os::Handle::adopt(::open(path.c_str(), O_PATH | O_CLOEXEC));
    auto socket = os::connect_seqpacket(folder, "control", os::deadline_after(10 * os::kSecond));
    if (socket) {
        socket_ = std::move(*socket);
    }
}

std::optional<ControlLine::Reply> ControlLine::control(std::uint32_t code,
                                                       std::span<const std::byte> payload,
                                                       std::uint32_t reply_capacity) {
    proto::TransportRequest header{};
    header.kind = proto::kTransportControl;
    header.code = code;
    header.reply_capacity = reply_capacity;
    header.value = next_id_ % (2 * proto::kTransportMaxReason);  // any room for a reason
    return exchange(header, payload, nullptr);
}

std::uint64_t ControlLine::give(const os::Handle& handle) {
    if (!handle) {
        return 0;
    }
    proto::TransportRequest header{};
    header.kind = proto::kTransportGiveHandle;
    const auto reply = exchange(header, {}, &handle);
    PF_INSIST(!reply || (reply->header.status == 0) == (reply->header.value != 0));
    return reply ? reply->header.value : 0;
}

bool ControlLine::close_value(std::uint64_t value) {
    proto::TransportRequest header{};
    header.kind = proto::kTransportCloseHandle;
    header.value = value;
    const auto reply = exchange(header, {}, nullptr);
    return reply && reply->header.status == 0;
}

std::optional<ControlLine::Reply> ControlLine::exchange(proto::TransportRequest header,
                                                        std::span<const std::byte> payload,
                                                        const os::Handle* give) {
    header.magic = proto::kTransportMagic;
    header.version = proto::kTransportVersion;
    header.request_id = next_id_++;
    header.payload_bytes = static_cast<std::uint32_t>(payload.size());
    std::vector<std::byte> message(sizeof header);
    std::memcpy(message.data(), &header, sizeof header);
    message.insert(message.end(), payload.begin(), payload.end());
    const int descriptor = give == nullptr ? -1 : static_cast<int>(give->native());
    if (!open() || !send(message, std::span(&descriptor, give == nullptr ? 0 : 1))) {
        close();
        return std::nullopt;
    }
    return await_reply(header);
}

std::optional<ControlLine::Reply> ControlLine::await_reply(const proto::TransportRequest& request) {
    std::array<std::byte, 1024> buffer;
    for (;;) {
        PF_INSIST(wait_readable(socket_, kPatienceNs));
        const auto message = os::receive_message(socket_, buffer);
        if (!message || message->bytes == 0) {
            close();
            return std::nullopt;
        }
        Reply reply;
        PF_INSIST(message->bytes >= sizeof reply.header && message->handles.empty());
        std::memcpy(&reply.header, buffer.data(), sizeof reply.header);
        PF_INSIST(reply.header.magic == proto::kTransportMagic);
        const std::size_t behind = message->bytes - sizeof reply.header;
        PF_INSIST(reply.header.payload_bytes <= behind);
        const std::size_t reason_bytes = behind - reply.header.payload_bytes;
        PF_INSIST(reason_bytes <= proto::kTransportMaxReason);
        if (reply.header.request_id != request.request_id) {
            continue;  // to a request that was sent without waiting
        }
        PF_INSIST(reply.header.payload_bytes <= request.reply_capacity);
        PF_INSIST(reply.header.status == proto::kStatusSuccess || reply.header.payload_bytes == 0);
        if (request.kind == proto::kTransportControl) {
            PF_INSIST(reason_bytes <= request.value);
            PF_INSIST(reason_bytes == (reply.header.value & proto::kTransportReasonBytesMask));
        } else {
            PF_INSIST(reason_bytes == 0);
        }
        const auto payload = buffer.begin() + sizeof reply.header;
        reply.payload.assign(payload, payload + reply.header.payload_bytes);
        return reply;
    }
}

bool ControlLine::send(std::span<const std::byte> message, std::span<const int> descriptors) {
    iovec part{const_cast<std::byte*>(message.data()), message.size()};
    msghdr out{};
    out.msg_iov = &part;
    out.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(16 * sizeof(int))> control{};
    if (!descriptors.empty()) {
        const std::size_t bytes = std::min<std::size_t>(descriptors.size(), 16) * sizeof(int);
        out.msg_control = control.data();
        out.msg_controllen = CMSG_SPACE(bytes);
        cmsghdr* rights = CMSG_FIRSTHDR(&out);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(bytes);
        std::memcpy(CMSG_DATA(rights), descriptors.data(), bytes);
    }
    return ::sendmsg(static_cast<int>(socket_.native()), &out, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

bool ControlLine::drain(std::int64_t timeout_ns) {
    std::array<std::byte, 1024> buffer;
    while (open() && wait_readable(socket_, timeout_ns)) {
        const auto message = os::receive_message(socket_, buffer);
        if (!message || message->bytes == 0) {
            close();
        }
    }
    return open();
}

}  // namespace pf::hostile
