// The messages of the control transport (proto/transport.hpp) as values: bytes that a host sent
// become a request or nothing, a completion becomes the bytes of its reply. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <pf/proto/transport.hpp>

namespace pf::driver {

inline constexpr std::size_t kMaxRequestBytes =
    sizeof(proto::TransportRequest) + proto::kTransportMaxPayload;
inline constexpr std::size_t kMaxReplyBytes =
    sizeof(proto::TransportReply) + proto::kTransportMaxPayload + proto::kTransportMaxReason;

struct ControlRequest {
    proto::TransportRequest header;      // reply_capacity cut to kTransportMaxPayload
    std::uint32_t reason_capacity;       // bytes, at most kTransportMaxReason
    std::span<const std::byte> payload;  // inside the message
};

// nullopt: malformed, the connection has no further use. `handles` came beside the message: one
// with a give, none otherwise.
std::optional<ControlRequest> parse_request(std::span<const std::byte> message,
                                            std::size_t handles);

struct ControlReply {
    proto::TransportReply header;
    std::array<std::byte, proto::kTransportMaxPayload> payload;
    std::string reason;  // of a control operation; see set_reason()
};

// As much of `line` as the caller takes, cut between characters. `final`: the same request will
// fail again.
void set_reason(ControlReply& reply, const ControlRequest& request, std::string_view line,
                bool final);

// Returns the bytes used of `out`.
std::size_t write_reply(const ControlReply& reply, std::span<std::byte, kMaxReplyBytes> out);

}  // namespace pf::driver
