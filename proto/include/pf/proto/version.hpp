// Who speaks: the device interface, the protocol's versions, how an operation's code is made.
#pragma once

#include <pf/proto/abi.hpp>

namespace pf::proto {

// Laid out as Windows' GUID.
struct Guid {
    std::uint32_t data1;
    std::uint16_t data2;
    std::uint16_t data3;
    std::uint8_t data4[8];
};

// The device interface class that the driver registers and the host enumerates:
// {70667664-7044-5350-a1b2-c3d4e5f60001}.
inline constexpr Guid kInterfaceGuid = {
    0x70667664, 0x7044, 0x5350, {0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x00, 0x01}};

// The newest protocol version that both of our sides speak.
inline constexpr std::uint32_t kProtocolVersion = 6;
// The oldest driver that a host of ours accepts. 3 to 6 are additive over 2.
inline constexpr std::uint32_t kMinDriverProtocolVersion = 2;

// Parts of a control code (CTL_CODE of the Windows DDK, wdm.h): FILE_DEVICE_UNKNOWN,
// METHOD_BUFFERED, FILE_ANY_ACCESS.
inline constexpr std::uint32_t kFileDeviceUnknown = 0x22;

constexpr std::uint32_t ctl_code(std::uint32_t function) {
    return (kFileDeviceUnknown << 16) | (function << 2);
}

PF_PROTO_LAYOUT(Guid, 16, 4, PF_PROTO_FIELD(Guid, std::uint32_t, data1, 0),
                PF_PROTO_FIELD(Guid, std::uint16_t, data2, 4),
                PF_PROTO_FIELD(Guid, std::uint16_t, data3, 6),
                PF_PROTO_FIELD(Guid, std::uint8_t[8], data4, 8));

inline constexpr ConstantPin kVersionConstants[] = {
    PF_PROTO_CONSTANT(kProtocolVersion, std::uint32_t, 6),
    PF_PROTO_CONSTANT(kMinDriverProtocolVersion, std::uint32_t, 2),
    PF_PROTO_CONSTANT(kFileDeviceUnknown, std::uint32_t, 0x22),
};
static_assert(abi::count(kVersionConstants) == 3);

// A pin of its own: a Guid is not one integer.
static_assert(kInterfaceGuid.data1 == 0x70667664 && kInterfaceGuid.data2 == 0x7044 &&
              kInterfaceGuid.data3 == 0x5350);
static_assert(kInterfaceGuid.data4[0] == 0xa1 && kInterfaceGuid.data4[1] == 0xb2 &&
              kInterfaceGuid.data4[2] == 0xc3 && kInterfaceGuid.data4[3] == 0xd4 &&
              kInterfaceGuid.data4[4] == 0xe5 && kInterfaceGuid.data4[5] == 0xf6 &&
              kInterfaceGuid.data4[6] == 0x00 && kInterfaceGuid.data4[7] == 0x01);

static_assert(std::is_same_v<decltype(ctl_code), std::uint32_t(std::uint32_t)>);
static_assert(ctl_code(0) == 0x220000 && ctl_code(1) == 0x220004 && ctl_code(0x800) == 0x222000 &&
              ctl_code(0xFFF) == 0x223FFC);

}  // namespace pf::proto
