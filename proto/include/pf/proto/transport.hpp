// The control operations where no kernel carries them: messages on a SOCK_SEQPACKET connection
// (Linux). One request message, one reply message, both a header followed by `payload_bytes`
// bytes. A handle travels beside a request of kind give as SCM_RIGHTS; the reply names the value
// by which the driver's process knows it from then on.
//
// Behind its payload the reply to a control operation may carry a reason: one line of UTF-8 for
// people, without a terminator, about a refusal or about what a success will come to. It comes only
// to a caller whose request offered room for it, so a peer that does not know of reasons neither
// sends nor gets one.
#pragma once

#include <pf/proto/version.hpp>

namespace pf::proto {

inline constexpr std::uint32_t kTransportMagic = 0x54434650;  // "PFCT"
inline constexpr std::uint32_t kTransportVersion = 1;
inline constexpr std::uint32_t kTransportMaxPayload = 256;  // bytes, either way

inline constexpr std::uint32_t kTransportMaxReason = 256;  // bytes

// In the value of a reply to a control operation: its reason's bytes, and whether the same request
// will fail again for as long as this driver lives (its status alone does not always tell).
inline constexpr std::uint64_t kTransportReasonBytesMask = 0xFFFF;
inline constexpr std::uint64_t kTransportReasonFinal = 0x10000;

inline constexpr std::uint32_t kTransportControl = 1;      // a control operation: code, payload
inline constexpr std::uint32_t kTransportGiveHandle = 2;   // one descriptor; the reply's value
inline constexpr std::uint32_t kTransportCloseHandle = 3;  // value; only the giver's own

struct TransportRequest {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint64_t request_id;  // comes back in the reply; a reply to another one is late
    std::uint32_t kind;        // kTransport*
    std::uint32_t code;        // control operation
    std::uint32_t payload_bytes;
    std::uint32_t reply_capacity;  // bytes of payload that the caller takes
    std::uint64_t value;           // close: the handle's value; control: room for a reason, bytes
};

struct TransportReply {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint64_t request_id;
    std::uint32_t status;  // kStatus*
    std::uint32_t payload_bytes;
    std::uint64_t value;  // give: the handle's value, never 0; control: kTransportReason*
};

inline constexpr ConstantPin kTransportConstants[] = {
    PF_PROTO_CONSTANT(kTransportMagic, std::uint32_t, 0x54434650),
    PF_PROTO_CONSTANT(kTransportVersion, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kTransportMaxPayload, std::uint32_t, 256),
    PF_PROTO_CONSTANT(kTransportMaxReason, std::uint32_t, 256),
    PF_PROTO_CONSTANT(kTransportReasonBytesMask, std::uint64_t, 0xFFFF),
    PF_PROTO_CONSTANT(kTransportReasonFinal, std::uint64_t, 0x10000),
    PF_PROTO_CONSTANT(kTransportControl, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kTransportGiveHandle, std::uint32_t, 2),
    PF_PROTO_CONSTANT(kTransportCloseHandle, std::uint32_t, 3),
};
static_assert(abi::count(kTransportConstants) == 9);

PF_PROTO_LAYOUT(TransportRequest, 40, 8, PF_PROTO_FIELD(TransportRequest, std::uint32_t, magic, 0),
                PF_PROTO_FIELD(TransportRequest, std::uint32_t, version, 4),
                PF_PROTO_FIELD(TransportRequest, std::uint64_t, request_id, 8),
                PF_PROTO_FIELD(TransportRequest, std::uint32_t, kind, 16),
                PF_PROTO_FIELD(TransportRequest, std::uint32_t, code, 20),
                PF_PROTO_FIELD(TransportRequest, std::uint32_t, payload_bytes, 24),
                PF_PROTO_FIELD(TransportRequest, std::uint32_t, reply_capacity, 28),
                PF_PROTO_FIELD(TransportRequest, std::uint64_t, value, 32));
PF_PROTO_LAYOUT(TransportReply, 32, 8, PF_PROTO_FIELD(TransportReply, std::uint32_t, magic, 0),
                PF_PROTO_FIELD(TransportReply, std::uint32_t, version, 4),
                PF_PROTO_FIELD(TransportReply, std::uint64_t, request_id, 8),
                PF_PROTO_FIELD(TransportReply, std::uint32_t, status, 16),
                PF_PROTO_FIELD(TransportReply, std::uint32_t, payload_bytes, 20),
                PF_PROTO_FIELD(TransportReply, std::uint64_t, value, 24));

}  // namespace pf::proto
