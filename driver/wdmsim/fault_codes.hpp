// The test operations of a simulated node: control operations beside the contract's, from function
// 0xA80 on. They are answered by the carrier's side at once, whatever state the shell is in. Each
// holds for its node until it is set anew or the node stops; what is to hold from the start on is
// in the registry (node_settings.hpp). A node has a name for tests beside its interface, which
// opens also while that is disabled: \\.\pf_wdmsim_ROOT_DISPLAY_0000 is ROOT\DISPLAY\0000's.
#pragma once

#include <cstdint>

#include <pf/proto/version.hpp>

namespace pf::wdmsim {

// OperationFault: what becomes of one operation of the contract.
inline constexpr std::uint32_t kSetOperationFault = proto::ctl_code(0xA80);
// Setting: the protocol version in replies to GetInfo; 0: the node's own. What it serves stays.
inline constexpr std::uint32_t kSetReportedVersion = proto::ctl_code(0xA81);
// Setting: not 0, the control thread serves nothing, ticks included; what comes waits.
inline constexpr std::uint32_t kSetFrozen = proto::ctl_code(0xA82);
// Setting: the driver's process ends at once, with this exit code, and every node of it.
inline constexpr std::uint32_t kDie = proto::ctl_code(0xA83);
// Setting: not 0, hosts find the node's interface; 0, it is disabled.
inline constexpr std::uint32_t kSetInterface = proto::ctl_code(0xA84);
// Setting: not 0, files that are opened from now on are not served, as if their open hung; 0, all
// that were held back are. (Wine's CreateFile does not wait for the driver, so what hangs there is
// the first request.)
inline constexpr std::uint32_t kSetHoldOpens = proto::ctl_code(0xA85);
// No input. HandleCount: the handles that the driver's process has open. A mutex that a thread had
// to wait for has one from then on (mingw-w64), so a few may be more without a leak.
inline constexpr std::uint32_t kCountHandles = proto::ctl_code(0xA86);
// A handle value, u64. HandleFacts: what that is in the driver's process.
inline constexpr std::uint32_t kDescribeHandle = proto::ctl_code(0xA87);
// No input. Every setting above is as at first, but for the interface.
inline constexpr std::uint32_t kClearFaults = proto::ctl_code(0xA88);

inline constexpr std::uint32_t kFirstTestOperation = kSetOperationFault;
inline constexpr std::uint32_t kLastTestOperation = proto::ctl_code(0xABF);

enum FaultKind : std::uint32_t {
    kNoFault = 0,
    kRefuse = 1,       // with the NTSTATUS `value`; the shell does not hear of it
    kShortReply = 2,   // served, and of the reply the first `value` bytes are given
    kNeverAnswer = 3,  // pending until it is cancelled or its file closed; the shell hears nothing
    kDieUnserved = 4,  // the driver's process ends before the shell hears of it
    kDieServed = 5     // the shell has served it, and the process ends before it is answered
};

struct OperationFault {
    std::uint32_t code;   // the operation, kIoctl*
    std::uint32_t kind;   // FaultKind
    std::uint32_t value;  // see there
    std::uint32_t times;  // how many requests it meets; 0: all
};
static_assert(sizeof(OperationFault) == 16);

struct Setting {
    std::uint32_t value;
};

struct HandleCount {
    std::uint32_t open;
};

enum ObjectKind : std::uint32_t { kOtherObject = 0, kSection = 1, kEvent = 2 };

struct HandleFacts {
    std::uint32_t exists;   // 0: no such handle, and the rest is 0
    std::uint32_t granted;  // access mask
    std::uint32_t kind;     // ObjectKind
};

}  // namespace pf::wdmsim
