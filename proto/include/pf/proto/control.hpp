// The control operations: their codes, their requests and replies, the statuses they end with.
// All are buffered: the driver copies the request once before it looks at it.
#pragma once

#include <pf/proto/version.hpp>

namespace pf::proto {

inline constexpr std::uint32_t kIoctlAdd = ctl_code(0x900);
inline constexpr std::uint32_t kIoctlRemove = ctl_code(0x901);
inline constexpr std::uint32_t kIoctlSetRenderAdapter = ctl_code(0x902);
inline constexpr std::uint32_t kIoctlPing = ctl_code(0x903);
inline constexpr std::uint32_t kIoctlGetInfo = ctl_code(0x904);
inline constexpr std::uint32_t kIoctlClearAll = ctl_code(0x905);
inline constexpr std::uint32_t kIoctlSetFrameChannel = ctl_code(0x906);   // since 2
inline constexpr std::uint32_t kIoctlUpdateModes = ctl_code(0x907);       // since 4
inline constexpr std::uint32_t kIoctlSetCursorChannel = ctl_code(0x908);  // since 5
inline constexpr std::uint32_t kIoctlSetCursorForward = ctl_code(0x909);  // since 6
// Functions taken by later versions of the public protocol: never reuse them.
inline constexpr std::uint32_t kReservedFunctionFirst = 0x90A;
inline constexpr std::uint32_t kReservedFunctionLast = 0x90F;

// NTSTATUS values (ntstatus.h) that an operation completes with.
inline constexpr std::uint32_t kStatusSuccess = 0;
inline constexpr std::uint32_t kStatusInvalidParameter = 0xC000000D;
inline constexpr std::uint32_t kStatusBufferTooSmall = 0xC0000023;
inline constexpr std::uint32_t kStatusNotSupported = 0xC00000BB;
inline constexpr std::uint32_t kStatusNotFound = 0xC0000225;  // Win32 1168

// Bounds. A monitor id of 0 asks for any free one.
inline constexpr std::uint32_t kMonitorIdFirst = 1;
inline constexpr std::uint32_t kMonitorIdLast = 15;
inline constexpr std::uint32_t kMaxDimension = 16384;  // pixels, width and height
inline constexpr std::uint32_t kMaxRefreshHz = 1000;
inline constexpr std::uint32_t kMaxTextureHandles = 6;

// What protocol 2 sends and expects: the structs without their tails.
inline constexpr std::size_t kAddRequestLegacySize = 24;
inline constexpr std::size_t kAddReplyLegacySize = 20;

// A zero in the tail (from max_luminance_nits on) means unknown or off.
struct AddRequest {
    std::uint64_t session_id;  // the host's name for the monitor; a live one is replaced
    std::uint32_t width;       // pixels
    std::uint32_t height;      // pixels
    std::uint32_t refresh_hz;
    std::uint32_t preferred_monitor_id;  // 0 = any
    std::uint32_t max_luminance_nits;
    std::uint32_t max_frame_avg_nits;
    std::uint32_t min_luminance_millinits;
    std::uint32_t hw_cursor;  // non-zero: the host takes the pointer from the cursor channel
};

struct AddReply {
    std::uint32_t adapter_luid_low;
    std::int32_t adapter_luid_high;
    std::uint32_t target_id;  // names the monitor in frame and cursor operations
    std::uint32_t resolved_monitor_id;
    std::uint32_t wudf_pid;         // the process that will use the handles
    std::uint32_t cursor_excluded;  // non-zero: frames come without the pointer
};

struct RemoveRequest {
    std::uint64_t session_id;
};

struct SetRenderAdapterRequest {
    std::uint32_t luid_low;
    std::int32_t luid_high;
};

struct InfoReply {
    std::uint32_t protocol_version;
    std::uint32_t watchdog_timeout_s;
};

// Handle values are valid in the driver's process; ownership passes on success only.
struct SetFrameChannelRequest {
    std::uint32_t target_id;
    std::uint32_t generation;
    std::uint32_t ring_len;      // 1..6
    std::uint32_t header_bytes;  // size of the delivered header mapping; 0 means 64
    std::uint64_t header_handle;
    std::uint64_t event_handle;
    std::uint64_t texture_handles[6];  // slots; the first ring_len are used
};

struct UpdateModesRequest {
    std::uint64_t session_id;
    std::uint32_t width;   // pixels
    std::uint32_t height;  // pixels
    std::uint32_t refresh_hz;
    std::uint32_t reserved;
};

struct SetCursorChannelRequest {
    std::uint32_t target_id;
    std::uint32_t pad;
    std::uint64_t header_handle;  // a section that starts with CursorShm
};

struct SetCursorForwardRequest {
    std::uint32_t target_id;
    std::uint32_t enable;  // 0 = draw the pointer into the frame again
};

inline constexpr ConstantPin kControlConstants[] = {
    PF_PROTO_CONSTANT(kIoctlAdd, std::uint32_t, 0x222400),
    PF_PROTO_CONSTANT(kIoctlRemove, std::uint32_t, 0x222404),
    PF_PROTO_CONSTANT(kIoctlSetRenderAdapter, std::uint32_t, 0x222408),
    PF_PROTO_CONSTANT(kIoctlPing, std::uint32_t, 0x22240C),
    PF_PROTO_CONSTANT(kIoctlGetInfo, std::uint32_t, 0x222410),
    PF_PROTO_CONSTANT(kIoctlClearAll, std::uint32_t, 0x222414),
    PF_PROTO_CONSTANT(kIoctlSetFrameChannel, std::uint32_t, 0x222418),
    PF_PROTO_CONSTANT(kIoctlUpdateModes, std::uint32_t, 0x22241C),
    PF_PROTO_CONSTANT(kIoctlSetCursorChannel, std::uint32_t, 0x222420),
    PF_PROTO_CONSTANT(kIoctlSetCursorForward, std::uint32_t, 0x222424),
    PF_PROTO_CONSTANT(kReservedFunctionFirst, std::uint32_t, 0x90A),
    PF_PROTO_CONSTANT(kReservedFunctionLast, std::uint32_t, 0x90F),
    PF_PROTO_CONSTANT(kStatusSuccess, std::uint32_t, 0),
    PF_PROTO_CONSTANT(kStatusInvalidParameter, std::uint32_t, 0xC000000D),
    PF_PROTO_CONSTANT(kStatusBufferTooSmall, std::uint32_t, 0xC0000023),
    PF_PROTO_CONSTANT(kStatusNotSupported, std::uint32_t, 0xC00000BB),
    PF_PROTO_CONSTANT(kStatusNotFound, std::uint32_t, 0xC0000225),
    PF_PROTO_CONSTANT(kMonitorIdFirst, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kMonitorIdLast, std::uint32_t, 15),
    PF_PROTO_CONSTANT(kMaxDimension, std::uint32_t, 16384),
    PF_PROTO_CONSTANT(kMaxRefreshHz, std::uint32_t, 1000),
    PF_PROTO_CONSTANT(kMaxTextureHandles, std::uint32_t, 6),
    PF_PROTO_CONSTANT(kAddRequestLegacySize, std::size_t, 24),
    PF_PROTO_CONSTANT(kAddReplyLegacySize, std::size_t, 20),
};
static_assert(abi::count(kControlConstants) == 24);

PF_PROTO_LAYOUT(AddRequest, 40, 8, PF_PROTO_FIELD(AddRequest, std::uint64_t, session_id, 0),
                PF_PROTO_FIELD(AddRequest, std::uint32_t, width, 8),
                PF_PROTO_FIELD(AddRequest, std::uint32_t, height, 12),
                PF_PROTO_FIELD(AddRequest, std::uint32_t, refresh_hz, 16),
                PF_PROTO_FIELD(AddRequest, std::uint32_t, preferred_monitor_id, 20),
                PF_PROTO_FIELD(AddRequest, std::uint32_t, max_luminance_nits, 24),
                PF_PROTO_FIELD(AddRequest, std::uint32_t, max_frame_avg_nits, 28),
                PF_PROTO_FIELD(AddRequest, std::uint32_t, min_luminance_millinits, 32),
                PF_PROTO_FIELD(AddRequest, std::uint32_t, hw_cursor, 36));
PF_PROTO_LAYOUT(AddReply, 24, 4, PF_PROTO_FIELD(AddReply, std::uint32_t, adapter_luid_low, 0),
                PF_PROTO_FIELD(AddReply, std::int32_t, adapter_luid_high, 4),
                PF_PROTO_FIELD(AddReply, std::uint32_t, target_id, 8),
                PF_PROTO_FIELD(AddReply, std::uint32_t, resolved_monitor_id, 12),
                PF_PROTO_FIELD(AddReply, std::uint32_t, wudf_pid, 16),
                PF_PROTO_FIELD(AddReply, std::uint32_t, cursor_excluded, 20));
PF_PROTO_LAYOUT(RemoveRequest, 8, 8, PF_PROTO_FIELD(RemoveRequest, std::uint64_t, session_id, 0));
PF_PROTO_LAYOUT(SetRenderAdapterRequest, 8, 4,
                PF_PROTO_FIELD(SetRenderAdapterRequest, std::uint32_t, luid_low, 0),
                PF_PROTO_FIELD(SetRenderAdapterRequest, std::int32_t, luid_high, 4));
PF_PROTO_LAYOUT(InfoReply, 8, 4, PF_PROTO_FIELD(InfoReply, std::uint32_t, protocol_version, 0),
                PF_PROTO_FIELD(InfoReply, std::uint32_t, watchdog_timeout_s, 4));
PF_PROTO_LAYOUT(SetFrameChannelRequest, 80, 8,
                PF_PROTO_FIELD(SetFrameChannelRequest, std::uint32_t, target_id, 0),
                PF_PROTO_FIELD(SetFrameChannelRequest, std::uint32_t, generation, 4),
                PF_PROTO_FIELD(SetFrameChannelRequest, std::uint32_t, ring_len, 8),
                PF_PROTO_FIELD(SetFrameChannelRequest, std::uint32_t, header_bytes, 12),
                PF_PROTO_FIELD(SetFrameChannelRequest, std::uint64_t, header_handle, 16),
                PF_PROTO_FIELD(SetFrameChannelRequest, std::uint64_t, event_handle, 24),
                PF_PROTO_FIELD(SetFrameChannelRequest, std::uint64_t[6], texture_handles, 32));
PF_PROTO_LAYOUT(UpdateModesRequest, 24, 8,
                PF_PROTO_FIELD(UpdateModesRequest, std::uint64_t, session_id, 0),
                PF_PROTO_FIELD(UpdateModesRequest, std::uint32_t, width, 8),
                PF_PROTO_FIELD(UpdateModesRequest, std::uint32_t, height, 12),
                PF_PROTO_FIELD(UpdateModesRequest, std::uint32_t, refresh_hz, 16),
                PF_PROTO_FIELD(UpdateModesRequest, std::uint32_t, reserved, 20));
PF_PROTO_LAYOUT(SetCursorChannelRequest, 16, 8,
                PF_PROTO_FIELD(SetCursorChannelRequest, std::uint32_t, target_id, 0),
                PF_PROTO_FIELD(SetCursorChannelRequest, std::uint32_t, pad, 4),
                PF_PROTO_FIELD(SetCursorChannelRequest, std::uint64_t, header_handle, 8));
PF_PROTO_LAYOUT(SetCursorForwardRequest, 8, 4,
                PF_PROTO_FIELD(SetCursorForwardRequest, std::uint32_t, target_id, 0),
                PF_PROTO_FIELD(SetCursorForwardRequest, std::uint32_t, enable, 4));

}  // namespace pf::proto
