#include "control_message.hpp"

#include <algorithm>

namespace pf::hostproc {

std::optional<ControlRequest> parse_request(std::span<const std::byte> message,
                                            std::size_t handles) {
    ControlRequest request{};
    proto::TransportRequest& header = request.header;
    if (!proto::read_struct(reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                            header)) {
        return std::nullopt;
    }
    request.payload = message.subspan(sizeof header);
    const bool known = header.kind == proto::kTransportControl ||
                       header.kind == proto::kTransportGiveHandle ||
                       header.kind == proto::kTransportCloseHandle;
    const std::size_t expected_handles = header.kind == proto::kTransportGiveHandle ? 1 : 0;
    if (header.magic != proto::kTransportMagic || header.version != proto::kTransportVersion ||
        !known || handles != expected_handles ||
        header.payload_bytes > proto::kTransportMaxPayload ||
        header.payload_bytes != request.payload.size()) {
        return std::nullopt;
    }
    header.reply_capacity = std::min(header.reply_capacity, proto::kTransportMaxPayload);
    return request;
}

std::size_t write_reply(const ControlReply& reply, std::span<std::byte, kMaxReplyBytes> out) {
    auto* bytes = reinterpret_cast<unsigned char*>(out.data());
    const std::size_t header_bytes = proto::write_prefix(reply.header, bytes, out.size());
    const std::size_t payload_bytes =
        std::min<std::size_t>(reply.header.payload_bytes, reply.payload.size());
    std::copy_n(reply.payload.begin(), payload_bytes, out.data() + header_bytes);
    return header_bytes + payload_bytes;
}

}  // namespace pf::hostproc
