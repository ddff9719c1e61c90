// Every number of the published contract once more, typed from its tables and not from the headers:
// pins and declarations that drift together are caught here.
#include <pf/proto/all.hpp>

#include <array>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

namespace pf::proto {
namespace {

#define AT(Struct, Field, Offset) static_assert(offsetof(Struct, Field) == (Offset))
#define U32(Struct, Field, Offset) \
    AT(Struct, Field, Offset);     \
    static_assert(std::is_same_v<decltype(Struct::Field), std::uint32_t>)
#define I32(Struct, Field, Offset) \
    AT(Struct, Field, Offset);     \
    static_assert(std::is_same_v<decltype(Struct::Field), std::int32_t>)
#define U64(Struct, Field, Offset) \
    AT(Struct, Field, Offset);     \
    static_assert(std::is_same_v<decltype(Struct::Field), std::uint64_t>)

static_assert(kInterfaceGuid.data1 == 0x70667664 && kInterfaceGuid.data2 == 0x7044 &&
              kInterfaceGuid.data3 == 0x5350 && kInterfaceGuid.data4[0] == 0xa1 &&
              kInterfaceGuid.data4[7] == 0x01);
static_assert(sizeof(Guid) == 16 && kProtocolVersion == 6 && kMinDriverProtocolVersion == 2);

static_assert(kIoctlAdd == 0x222400 && kIoctlRemove == 0x222404 &&
              kIoctlSetRenderAdapter == 0x222408 && kIoctlPing == 0x22240C &&
              kIoctlGetInfo == 0x222410 && kIoctlClearAll == 0x222414 &&
              kIoctlSetFrameChannel == 0x222418 && kIoctlUpdateModes == 0x22241C &&
              kIoctlSetCursorChannel == 0x222420 && kIoctlSetCursorForward == 0x222424);
static_assert(ctl_code(0x800) == 0x222000);

static_assert(sizeof(AddRequest) == 40 && kAddRequestLegacySize == 24);
U64(AddRequest, session_id, 0);
U32(AddRequest, width, 8);
U32(AddRequest, height, 12);
U32(AddRequest, refresh_hz, 16);
U32(AddRequest, preferred_monitor_id, 20);
U32(AddRequest, max_luminance_nits, 24);
U32(AddRequest, max_frame_avg_nits, 28);
U32(AddRequest, min_luminance_millinits, 32);
U32(AddRequest, hw_cursor, 36);

static_assert(sizeof(AddReply) == 24 && kAddReplyLegacySize == 20);
U32(AddReply, adapter_luid_low, 0);
I32(AddReply, adapter_luid_high, 4);
U32(AddReply, target_id, 8);
U32(AddReply, resolved_monitor_id, 12);
U32(AddReply, wudf_pid, 16);
U32(AddReply, cursor_excluded, 20);

static_assert(sizeof(RemoveRequest) == 8 && sizeof(SetRenderAdapterRequest) == 8);
U64(RemoveRequest, session_id, 0);
U32(SetRenderAdapterRequest, luid_low, 0);
I32(SetRenderAdapterRequest, luid_high, 4);

static_assert(sizeof(InfoReply) == 8);
U32(InfoReply, protocol_version, 0);
U32(InfoReply, watchdog_timeout_s, 4);

static_assert(sizeof(SetFrameChannelRequest) == 80);
U32(SetFrameChannelRequest, target_id, 0);
U32(SetFrameChannelRequest, generation, 4);
U32(SetFrameChannelRequest, ring_len, 8);
U32(SetFrameChannelRequest, header_bytes, 12);
U64(SetFrameChannelRequest, header_handle, 16);
U64(SetFrameChannelRequest, event_handle, 24);
AT(SetFrameChannelRequest, texture_handles, 32);
static_assert(std::is_same_v<decltype(SetFrameChannelRequest::texture_handles), std::uint64_t[6]>);

static_assert(sizeof(UpdateModesRequest) == 24);
U64(UpdateModesRequest, session_id, 0);
U32(UpdateModesRequest, width, 8);
U32(UpdateModesRequest, height, 12);
U32(UpdateModesRequest, refresh_hz, 16);
U32(UpdateModesRequest, reserved, 20);

static_assert(sizeof(SetCursorChannelRequest) == 16 && sizeof(SetCursorForwardRequest) == 8);
U32(SetCursorChannelRequest, target_id, 0);
U32(SetCursorChannelRequest, pad, 4);
U64(SetCursorChannelRequest, header_handle, 8);
U32(SetCursorForwardRequest, target_id, 0);
U32(SetCursorForwardRequest, enable, 4);

static_assert(kMagic == 0x44564650 && kRingLen == 6 && kFrameVersion == 1 &&
              kFrameVersionTelemetry == 2 && kFrameVersionHealth == 3);
static_assert(sizeof(SharedHeader) == 64);
U32(SharedHeader, magic, 0);
U32(SharedHeader, version, 4);
U32(SharedHeader, generation, 8);
U32(SharedHeader, ring_len, 12);
U32(SharedHeader, width, 16);
U32(SharedHeader, height, 20);
U32(SharedHeader, dxgi_format, 24);
U32(SharedHeader, target_id, 28);
U64(SharedHeader, latest, 32);
U64(SharedHeader, qpc_pts, 40);
U32(SharedHeader, driver_render_luid_low, 48);
I32(SharedHeader, driver_render_luid_high, 52);
U32(SharedHeader, driver_status, 56);
U32(SharedHeader, driver_status_detail, 60);

static_assert(sizeof(SharedHeaderV2) == 88);
U64(SharedHeaderV2, drain_heartbeat_qpc, 64);
U64(SharedHeaderV2, last_acquire_qpc, 72);
U64(SharedHeaderV2, offered_total, 80);

static_assert(sizeof(SharedHeaderV3) == 152);
U32(SharedHeaderV3, health_state, 88);
U32(SharedHeaderV3, capabilities, 92);
U32(SharedHeaderV3, host_capabilities, 96);
U32(SharedHeaderV3, assignment_epoch, 100);
U32(SharedHeaderV3, device_epoch, 104);
U32(SharedHeaderV3, terminal_error_domain, 108);
U32(SharedHeaderV3, terminal_error_code, 112);
U32(SharedHeaderV3, pad, 116);
U64(SharedHeaderV3, source_sequence, 120);
U64(SharedHeaderV3, last_publish_qpc, 128);
U64(SharedHeaderV3, published_total, 136);
U64(SharedHeaderV3, dropped_total, 144);

static_assert(kFormatBgra8 == 87 && kFormatRgb10a2 == 24 && kFormatRgba16f == 10);
static_assert(kDriverStatusNone == 0 && kDriverStatusOpened == 1 && kDriverStatusTextureFail == 2 &&
              kDriverStatusNoDevice1 == 3 && kDriverStatusBindFail == 4);
static_assert(kHealthInitializing == 0 && kHealthActive == 1 && kHealthRebuilding == 2 &&
              kHealthDead == 3);
static_assert(kCapabilityRingHealth == 1 && kCapabilityEndpointSurvives == 2 &&
              kCapabilityFenceRing == 4 && kCapabilitySwapChainReset == 8 &&
              kCapabilitySourceTiming == 16);

static_assert(sizeof(CursorShm) == 64 && kCursorMagic == 0x55434650);
U32(CursorShm, magic, 0);
U32(CursorShm, seq, 4);
U32(CursorShm, visible, 8);
U32(CursorShm, cursor_type, 12);
I32(CursorShm, x, 16);
I32(CursorShm, y, 20);
U32(CursorShm, shape_id, 24);
U32(CursorShm, width, 28);
U32(CursorShm, height, 32);
U32(CursorShm, pitch, 36);
U32(CursorShm, hot_x, 40);
U32(CursorShm, hot_y, 44);
AT(CursorShm, reserved, 48);
static_assert(kCursorShapeOffset == 64 && kCursorMaxDimension == 256 &&
              kCursorSectionBytes == 262208);

static_assert(kStatusSuccess == 0 && kStatusInvalidParameter == 0xC000000D &&
              kStatusBufferTooSmall == 0xC0000023 && kStatusNotSupported == 0xC00000BB &&
              kStatusNotFound == 0xC0000225);

// Our own operations.
static_assert(kIoctlAddExact == 0x222800 && kIoctlUpdateModesExact == 0x222804);
static_assert(kOwnFunctionFirst == 0xA00 && kTestFunctionFirst == 0xA80);
static_assert(kMinRefreshMillihertz == 1000 && kMaxRefreshMillihertz == 1000000);
static_assert(sizeof(AddExactRequest) == 48 && sizeof(UpdateModesExactRequest) == 32);
AT(AddExactRequest, add, 0);
U32(AddExactRequest, refresh_millihertz, 40);
U32(AddExactRequest, reserved, 44);
AT(UpdateModesExactRequest, update, 0);
U32(UpdateModesExactRequest, refresh_millihertz, 24);
U32(UpdateModesExactRequest, reserved, 28);

// The extension, as released in version 1.
static_assert(kExtensionOffset == 4096 && sizeof(MemoryRing) == 2496);
AT(MemoryRing, extension, 0);
AT(MemoryRing, reader, 64);
AT(MemoryRing, writer, 128);
AT(MemoryRing, leases, 192);
AT(MemoryRing, records, 576);
static_assert(sizeof(SlotLease) == 64 && sizeof(SlotRecord) == 320 && sizeof(DamageRect) == 16);
U32(SlotRecord, state, 0);
U32(SlotRecord, seq, 4);
U32(SlotRecord, damage_base_seq, 56);
AT(SlotRecord, damage, 64);

TEST(Layout, MagicsSpellTheirNames) {
    const auto text = [](std::uint32_t magic) {
        const auto letters = std::bit_cast<std::array<char, 4>>(magic);
        return std::string(letters.begin(), letters.end());
    };
    EXPECT_EQ(text(kMagic), "PFVD");
    EXPECT_EQ(text(kCursorMagic), "PFCU");
    EXPECT_EQ(text(kTransportMagic), "PFCT");
    EXPECT_EQ(text(kExtensionMagic), "PFRX");
}

TEST(Layout, TheSpokenLengthsOfProtocol2EndWhereTheTailsBegin) {
    EXPECT_EQ(kAddRequestLegacySize, offsetof(AddRequest, max_luminance_nits));
    EXPECT_EQ(kAddReplyLegacySize, offsetof(AddReply, cursor_excluded));
}

TEST(Layout, GuidReadsAsItsText) {
    const unsigned char windows[16] = {0x64, 0x76, 0x66, 0x70, 0x44, 0x70, 0x50, 0x53,
                                       0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x00, 0x01};
    unsigned char ours[16] = {};
    EXPECT_EQ(write_prefix(kInterfaceGuid, ours, sizeof(ours)), 16u);
    EXPECT_EQ(std::memcmp(ours, windows, 16), 0);
}

}  // namespace
}  // namespace pf::proto
