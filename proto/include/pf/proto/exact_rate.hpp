// A mode's rate in millihertz, above the contract: 59.94 and 23.976 Hz are no whole hertz. Two
// operations of our own, outside the public range, that do what Add and UpdateModes do and say the
// exact rate behind the same struct. So nothing is set twice, and nothing lies between an exact
// rate and the mode that it is meant for.
//
// A driver that does not know them answers kStatusNotFound and has done nothing: the host then
// sends the public operation, and the monitor runs at whole hertz. Success means that the exact
// rate was taken. Reply and statuses are those of Add and UpdateModes.
#pragma once

#include <pf/proto/control.hpp>

namespace pf::proto {

// Functions of our own. The public protocol ends far below; those from the second on are for what
// tests carry, and no product uses them.
inline constexpr std::uint32_t kOwnFunctionFirst = 0xA00;
inline constexpr std::uint32_t kTestFunctionFirst = 0xA80;

inline constexpr std::uint32_t kIoctlAddExact = ctl_code(0xA00);
inline constexpr std::uint32_t kIoctlUpdateModesExact = ctl_code(0xA01);

// Of kMaxRefreshHz, and of the least whole rate.
inline constexpr std::uint32_t kMinRefreshMillihertz = 1000;
inline constexpr std::uint32_t kMaxRefreshMillihertz = 1'000'000;

struct AddExactRequest {
    AddRequest add;                    // refresh_hz: whole_hertz(refresh_millihertz)
    std::uint32_t refresh_millihertz;  // kMinRefreshMillihertz..kMaxRefreshMillihertz
    std::uint32_t reserved;            // 0
};

struct UpdateModesExactRequest {
    UpdateModesRequest update;         // refresh_hz: whole_hertz(refresh_millihertz)
    std::uint32_t refresh_millihertz;  // kMinRefreshMillihertz..kMaxRefreshMillihertz
    std::uint32_t reserved;            // 0
};

// The rate that a peer of the public contract is told: half a hertz is rounded up. Of a rate in
// the bounds above the result is 1..kMaxRefreshHz.
constexpr std::uint32_t whole_hertz(std::uint32_t refresh_millihertz) {
    return refresh_millihertz / 1000 + (refresh_millihertz % 1000 >= 500 ? 1 : 0);
}

// The two rates of a request are one.
constexpr bool valid_exact_rate(std::uint32_t refresh_hz, std::uint32_t refresh_millihertz) {
    return refresh_millihertz >= kMinRefreshMillihertz &&
           refresh_millihertz <= kMaxRefreshMillihertz &&
           refresh_hz == whole_hertz(refresh_millihertz);
}

inline constexpr ConstantPin kExactRateConstants[] = {
    PF_PROTO_CONSTANT(kOwnFunctionFirst, std::uint32_t, 0xA00),
    PF_PROTO_CONSTANT(kTestFunctionFirst, std::uint32_t, 0xA80),
    PF_PROTO_CONSTANT(kIoctlAddExact, std::uint32_t, 0x222800),
    PF_PROTO_CONSTANT(kIoctlUpdateModesExact, std::uint32_t, 0x222804),
    PF_PROTO_CONSTANT(kMinRefreshMillihertz, std::uint32_t, 1000),
    PF_PROTO_CONSTANT(kMaxRefreshMillihertz, std::uint32_t, 1000000),
};
static_assert(abi::count(kExactRateConstants) == 6);

PF_PROTO_LAYOUT(AddExactRequest, 48, 8, PF_PROTO_FIELD(AddExactRequest, AddRequest, add, 0),
                PF_PROTO_FIELD(AddExactRequest, std::uint32_t, refresh_millihertz, 40),
                PF_PROTO_FIELD(AddExactRequest, std::uint32_t, reserved, 44));
PF_PROTO_LAYOUT(UpdateModesExactRequest, 32, 8,
                PF_PROTO_FIELD(UpdateModesExactRequest, UpdateModesRequest, update, 0),
                PF_PROTO_FIELD(UpdateModesExactRequest, std::uint32_t, refresh_millihertz, 24),
                PF_PROTO_FIELD(UpdateModesExactRequest, std::uint32_t, reserved, 28));

static_assert(std::is_same_v<decltype(whole_hertz), std::uint32_t(std::uint32_t)>);
static_assert(whole_hertz(0) == 0 && whole_hertz(499) == 0 && whole_hertz(500) == 1 &&
              whole_hertz(1499) == 1 && whole_hertz(1500) == 2 && whole_hertz(1999) == 2 &&
              whole_hertz(2000) == 2 && whole_hertz(59940) == 60 && whole_hertz(23976) == 24 &&
              whole_hertz(1'000'000) == 1000 && whole_hertz(0xFFFFFFFF) == 4294967);
static_assert(std::is_same_v<decltype(valid_exact_rate), bool(std::uint32_t, std::uint32_t)>);
static_assert(valid_exact_rate(60, 59940) && valid_exact_rate(1, 1000) &&
              valid_exact_rate(1000, 1'000'000) && valid_exact_rate(60, 60000));
static_assert(!valid_exact_rate(59, 59940) && !valid_exact_rate(61, 59940) &&
              !valid_exact_rate(1, 999) && !valid_exact_rate(1, 500) &&
              !valid_exact_rate(1000, 1'000'001) && !valid_exact_rate(0, 0) &&
              !valid_exact_rate(65536 + 60, 59940) && !valid_exact_rate(60, 65536 + 59940));
static_assert(ctl_code(kOwnFunctionFirst) == kIoctlAddExact);

}  // namespace pf::proto
