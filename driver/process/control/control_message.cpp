#include "control_message.hpp"

#include <algorithm>

namespace pf::driver {

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
    if (header.kind == proto::kTransportControl) {
        request.reason_capacity = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(header.value, proto::kTransportMaxReason));
    }
    return request;
}

void set_reason(ControlReply& reply, const ControlRequest& request, std::string_view line,
                bool final) {
    std::size_t bytes = std::min<std::size_t>(line.size(), request.reason_capacity);
    const auto splits_a_character = [&] {
        return bytes < line.size() && (static_cast<unsigned char>(line[bytes]) & 0xC0) == 0x80;
    };
    while (bytes > 0 && splits_a_character()) {
        --bytes;
    }
    reply.reason = line.substr(0, bytes);
    reply.header.value =
        bytes | (final && request.reason_capacity > 0 ? proto::kTransportReasonFinal : 0);
}

std::size_t write_reply(const ControlReply& reply, std::span<std::byte, kMaxReplyBytes> out) {
    auto* bytes = reinterpret_cast<unsigned char*>(out.data());
    const std::size_t header_bytes = proto::write_prefix(reply.header, bytes, out.size());
    const std::size_t payload_bytes =
        std::min<std::size_t>(reply.header.payload_bytes, reply.payload.size());
    std::copy_n(reply.payload.begin(), payload_bytes, out.data() + header_bytes);
    const auto reason = std::as_bytes(std::span(reply.reason));
    const std::size_t reason_bytes =
        std::min<std::size_t>(reason.size(), proto::kTransportMaxReason);
    std::copy_n(reason.begin(), reason_bytes, out.data() + header_bytes + payload_bytes);
    return header_bytes + payload_bytes + reason_bytes;
}

}  // namespace pf::driver
