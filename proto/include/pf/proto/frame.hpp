// The frame plane: the header section that the host creates and both sides map, the token that
// names the newest frame, the status words of an attach.
#pragma once

#include <pf/proto/version.hpp>

namespace pf::proto {

inline constexpr std::uint32_t kMagic = 0x44564650;  // "PFVD"
inline constexpr std::uint32_t kRingLen = 6;         // slots, and the most there can be
inline constexpr std::uint32_t kFrameVersion = 1;
inline constexpr std::uint32_t kFrameVersionTelemetry = 2;
inline constexpr std::uint32_t kFrameVersionHealth = 3;
inline constexpr std::uint32_t kMaxGeneration = 0xFFFFFF;  // a token carries 24 bits

// DXGI_FORMAT values (dxgiformat.h).
inline constexpr std::uint32_t kFormatBgra8 = 87;    // B8G8R8A8_UNORM
inline constexpr std::uint32_t kFormatRgb10a2 = 24;  // R10G10B10A2_UNORM
inline constexpr std::uint32_t kFormatRgba16f = 10;  // R16G16B16A16_FLOAT

inline constexpr std::uint32_t kDriverStatusNone = 0;
inline constexpr std::uint32_t kDriverStatusOpened = 1;       // detail: pack_opened_detail
inline constexpr std::uint32_t kDriverStatusTextureFail = 2;  // detail: the error's code
inline constexpr std::uint32_t kDriverStatusNoDevice1 = 3;
inline constexpr std::uint32_t kDriverStatusBindFail = 4;  // detail: the ring's target
inline constexpr std::uint32_t kOpenedDetailLive = 0x80000000;

inline constexpr std::uint32_t kHealthInitializing = 0;
inline constexpr std::uint32_t kHealthActive = 1;
inline constexpr std::uint32_t kHealthRebuilding = 2;
inline constexpr std::uint32_t kHealthDead = 3;  // any other value reads as dead

inline constexpr std::uint32_t kCapabilityRingHealth = 1;
inline constexpr std::uint32_t kCapabilityEndpointSurvives = 2;
inline constexpr std::uint32_t kCapabilityFenceRing = 4;
inline constexpr std::uint32_t kCapabilitySwapChainReset = 8;
inline constexpr std::uint32_t kCapabilitySourceTiming = 16;

// Offset 0 of the header section. "host": written by the host before the section is delivered,
// magic last (release). "driver": written by the driver while attached.
// Ticks are QueryPerformanceCounter on Windows, CLOCK_MONOTONIC nanoseconds on Linux.
struct SharedHeader {
    std::uint32_t magic;                   // host
    std::uint32_t version;                 // host: kFrameVersion*
    std::uint32_t generation;              // host: 1..kMaxGeneration
    std::uint32_t ring_len;                // host: 1..kRingLen
    std::uint32_t width;                   // host: pixels
    std::uint32_t height;                  // host: pixels
    std::uint32_t dxgi_format;             // host
    std::uint32_t target_id;               // host
    std::uint64_t latest;                  // driver: FrameToken::pack(), release
    std::uint64_t qpc_pts;                 // driver: present time of the latest frame, ticks
    std::uint32_t driver_render_luid_low;  // driver
    std::int32_t driver_render_luid_high;  // driver
    std::uint32_t driver_status;           // driver: kDriverStatus*
    std::uint32_t driver_status_detail;    // driver
};

// Read a tail only if both `version` and the mapping's size reach it. Bytes 152..344 behind the
// last of them belong to a later version's GPU fence table: neither read nor written here.
struct SharedHeaderV2 {
    SharedHeader base;
    std::uint64_t drain_heartbeat_qpc;  // driver: last turn of its loop, ticks
    std::uint64_t last_acquire_qpc;     // driver: last frame that the source gave, ticks
    std::uint64_t offered_total;        // driver: frames that the source gave
};

struct SharedHeaderV3 {
    SharedHeaderV2 base;
    std::uint32_t health_state;           // driver: kHealth*
    std::uint32_t capabilities;           // driver: kCapability* bits
    std::uint32_t host_capabilities;      // host: kCapability* bits
    std::uint32_t assignment_epoch;       // driver
    std::uint32_t device_epoch;           // driver
    std::uint32_t terminal_error_domain;  // driver
    std::uint32_t terminal_error_code;    // driver
    std::uint32_t pad;
    std::uint64_t source_sequence;   // driver
    std::uint64_t last_publish_qpc;  // driver: ticks
    std::uint64_t published_total;   // driver
    std::uint64_t dropped_total;     // driver
};

// Names one frame: which ring, which frame of it, in which slot. The first frame after an attach
// has seq 1; seq wraps through 0. Not a wire type: what travels is pack().
struct FrameToken {
    std::uint32_t generation;  // 24 bits travel
    std::uint32_t seq;
    std::uint8_t slot;

    // The fields in their own types: a value of another width does not compile.
    static constexpr FrameToken of(std::uint32_t generation, std::uint32_t seq, std::uint8_t slot) {
        return {generation, seq, slot};
    }
    template <typename... Other>
    static FrameToken of(Other...) = delete;

    constexpr std::uint64_t pack() const {
        return static_cast<std::uint64_t>(generation & kMaxGeneration) << 40 |
               static_cast<std::uint64_t>(seq) << 8 | slot;
    }
    static constexpr FrameToken unpack(std::uint64_t word) {
        return of(static_cast<std::uint32_t>(word >> 40), static_cast<std::uint32_t>(word >> 8),
                  static_cast<std::uint8_t>(word));
    }
    friend constexpr bool operator==(const FrameToken&, const FrameToken&) = default;
};

// The detail word beside kDriverStatusOpened: how many frames the source offered since the attach
// and how many of those had another size or format than the ring. Without `live` it says nothing.
// Not a wire type: what travels is pack_opened_detail().
struct OpenedDetail {
    bool live;
    std::uint32_t offered;     // saturates at 0x7FFF
    std::uint32_t mismatched;  // saturates at 0xFFFF
    friend constexpr bool operator==(const OpenedDetail&, const OpenedDetail&) = default;
};

constexpr std::uint32_t pack_opened_detail(std::uint32_t offered, std::uint32_t mismatched) {
    return kOpenedDetailLive | abi::at_most(offered, 0x7FFF) << 16 |
           abi::at_most(mismatched, 0xFFFF);
}

constexpr OpenedDetail unpack_opened_detail(std::uint32_t word) {
    if ((word & kOpenedDetailLive) == 0) {
        return {};
    }
    return {true, (word >> 16) & 0x7FFF, word & 0xFFFF};
}

// What a driver decides before it opens a delivered ring. Stale wins over bind_mismatch.
enum class AttachCheck { ok, stale, bind_mismatch };

constexpr AttachCheck check_attach(std::uint32_t magic, std::uint32_t header_generation,
                                   std::uint32_t header_target_id,
                                   std::uint32_t delivery_generation,
                                   std::uint32_t monitor_target_id) {
    if (magic != kMagic || header_generation != delivery_generation) {
        return AttachCheck::stale;
    }
    return header_target_id == monitor_target_id ? AttachCheck::ok : AttachCheck::bind_mismatch;
}

static_assert(static_cast<int>(AttachCheck::ok) == 0 && static_cast<int>(AttachCheck::stale) == 1 &&
              static_cast<int>(AttachCheck::bind_mismatch) == 2);

// The generation of the ring after this one: 1..kMaxGeneration, wrapping past 0.
constexpr std::uint32_t next_generation(std::uint32_t generation) {
    return generation >= kMaxGeneration ? 1 : generation + 1;
}

// Pins of the packed words: every field alone, its lowest and its highest bit, all of them; both
// ways.
namespace abi {

consteval bool travels_as(std::uint32_t generation, std::uint32_t seq, std::uint8_t slot,
                          std::uint64_t word) {
    const FrameToken token{.generation = generation, .seq = seq, .slot = slot};
    const FrameToken back = FrameToken::unpack(word);
    return token.pack() == word && back == token && back.generation == generation &&
           back.seq == seq && back.slot == slot;
}

consteval bool detail_travels_as(std::uint32_t offered, std::uint32_t mismatched,
                                 std::uint32_t word) {
    const OpenedDetail detail{.live = true, .offered = offered, .mismatched = mismatched};
    return pack_opened_detail(offered, mismatched) == word && unpack_opened_detail(word) == detail;
}

}  // namespace abi

static_assert(std::is_same_v<decltype(FrameToken::generation), std::uint32_t> &&
              std::is_same_v<decltype(FrameToken::seq), std::uint32_t> &&
              std::is_same_v<decltype(FrameToken::slot), std::uint8_t>);
static_assert(std::is_same_v<decltype(&FrameToken::pack), std::uint64_t (FrameToken::*)() const>);
static_assert(std::is_same_v<decltype(FrameToken::unpack), FrameToken(std::uint64_t)>);
static_assert(abi::travels_as(0, 0, 0, 0));
static_assert(abi::travels_as(1, 0, 0, 0x0000010000000000));
static_assert(abi::travels_as(0x800000, 0, 0, 0x8000000000000000));
static_assert(abi::travels_as(0xFFFFFF, 0, 0, 0xFFFFFF0000000000));
static_assert(abi::travels_as(0, 1, 0, 0x0000000000000100));
static_assert(abi::travels_as(0, 0x80000000, 0, 0x0000008000000000));
static_assert(abi::travels_as(0, 0xFFFFFFFF, 0, 0x000000FFFFFFFF00));
static_assert(abi::travels_as(0, 0, 1, 0x0000000000000001));
static_assert(abi::travels_as(0, 0, 0x80, 0x0000000000000080));
static_assert(abi::travels_as(0, 0, 0xFF, 0x00000000000000FF));
static_assert(abi::travels_as(0xFFFFFF, 0xFFFFFFFF, 0xFF, 0xFFFFFFFFFFFFFFFF));
static_assert(abi::travels_as(0x563412, 0xDEBC9A78, 0xF0, 0x563412DEBC9A78F0));
// Of a generation 24 bits travel.
static_assert(FrameToken{.generation = 0xFF000001, .seq = 0, .slot = 0}.pack() == 1ull << 40);

static_assert(std::is_same_v<decltype(OpenedDetail::live), bool> &&
              std::is_same_v<decltype(OpenedDetail::offered), std::uint32_t> &&
              std::is_same_v<decltype(OpenedDetail::mismatched), std::uint32_t>);
static_assert(
    std::is_same_v<decltype(pack_opened_detail), std::uint32_t(std::uint32_t, std::uint32_t)>);
static_assert(std::is_same_v<decltype(unpack_opened_detail), OpenedDetail(std::uint32_t)>);
static_assert(abi::detail_travels_as(0, 0, 0x80000000));
static_assert(abi::detail_travels_as(1, 0, 0x80010000));
static_assert(abi::detail_travels_as(0x4000, 0, 0xC0000000));
static_assert(abi::detail_travels_as(0x7FFE, 0, 0xFFFE0000));
static_assert(abi::detail_travels_as(0x7FFF, 0, 0xFFFF0000));
static_assert(abi::detail_travels_as(0, 1, 0x80000001));
static_assert(abi::detail_travels_as(0, 0x8000, 0x80008000));
static_assert(abi::detail_travels_as(0, 0xFFFE, 0x8000FFFE));
static_assert(abi::detail_travels_as(0, 0xFFFF, 0x8000FFFF));
static_assert(abi::detail_travels_as(0x7FFF, 0xFFFF, 0xFFFFFFFF));
static_assert(abi::detail_travels_as(0x1234, 0x5678, 0x92345678));
// Each saturates alone, and nothing is said without the live bit.
static_assert(pack_opened_detail(0x8000, 0) == 0xFFFF0000);
static_assert(pack_opened_detail(0xFFFFFFFF, 0) == 0xFFFF0000);
static_assert(pack_opened_detail(0, 0x10000) == 0x8000FFFF);
static_assert(pack_opened_detail(0, 0xFFFFFFFF) == 0x8000FFFF);
static_assert(unpack_opened_detail(0) ==
              OpenedDetail{.live = false, .offered = 0, .mismatched = 0});
static_assert(unpack_opened_detail(0x7FFFFFFF) == unpack_opened_detail(0));

static_assert(std::is_same_v<decltype(next_generation), std::uint32_t(std::uint32_t)>);
static_assert(next_generation(0) == 1 && next_generation(1) == 2 &&
              next_generation(0xFFFFFD) == 0xFFFFFE && next_generation(0xFFFFFE) == 0xFFFFFF &&
              next_generation(0xFFFFFF) == 1 && next_generation(0x1000000) == 1 &&
              next_generation(0xFFFFFFFF) == 1);

static_assert(
    std::is_same_v<decltype(check_attach), AttachCheck(std::uint32_t, std::uint32_t, std::uint32_t,
                                                       std::uint32_t, std::uint32_t)>);
static_assert(check_attach(kMagic, 3, 7, 3, 7) == AttachCheck::ok);
static_assert(check_attach(kMagic, 3, 8, 3, 7) == AttachCheck::bind_mismatch);
static_assert(check_attach(kMagic + 1, 3, 7, 3, 7) == AttachCheck::stale);
static_assert(check_attach(kMagic, 4, 7, 3, 7) == AttachCheck::stale);
static_assert(check_attach(kMagic, 4, 8, 3, 7) == AttachCheck::stale);

inline constexpr ConstantPin kFrameConstants[] = {
    PF_PROTO_CONSTANT(kMagic, std::uint32_t, 0x44564650),
    PF_PROTO_CONSTANT(kRingLen, std::uint32_t, 6),
    PF_PROTO_CONSTANT(kFrameVersion, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kFrameVersionTelemetry, std::uint32_t, 2),
    PF_PROTO_CONSTANT(kFrameVersionHealth, std::uint32_t, 3),
    PF_PROTO_CONSTANT(kMaxGeneration, std::uint32_t, 0xFFFFFF),
    PF_PROTO_CONSTANT(kFormatBgra8, std::uint32_t, 87),
    PF_PROTO_CONSTANT(kFormatRgb10a2, std::uint32_t, 24),
    PF_PROTO_CONSTANT(kFormatRgba16f, std::uint32_t, 10),
    PF_PROTO_CONSTANT(kDriverStatusNone, std::uint32_t, 0),
    PF_PROTO_CONSTANT(kDriverStatusOpened, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kDriverStatusTextureFail, std::uint32_t, 2),
    PF_PROTO_CONSTANT(kDriverStatusNoDevice1, std::uint32_t, 3),
    PF_PROTO_CONSTANT(kDriverStatusBindFail, std::uint32_t, 4),
    PF_PROTO_CONSTANT(kOpenedDetailLive, std::uint32_t, 0x80000000),
    PF_PROTO_CONSTANT(kHealthInitializing, std::uint32_t, 0),
    PF_PROTO_CONSTANT(kHealthActive, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kHealthRebuilding, std::uint32_t, 2),
    PF_PROTO_CONSTANT(kHealthDead, std::uint32_t, 3),
    PF_PROTO_CONSTANT(kCapabilityRingHealth, std::uint32_t, 1),
    PF_PROTO_CONSTANT(kCapabilityEndpointSurvives, std::uint32_t, 2),
    PF_PROTO_CONSTANT(kCapabilityFenceRing, std::uint32_t, 4),
    PF_PROTO_CONSTANT(kCapabilitySwapChainReset, std::uint32_t, 8),
    PF_PROTO_CONSTANT(kCapabilitySourceTiming, std::uint32_t, 16),
};
static_assert(abi::count(kFrameConstants) == 24);

PF_PROTO_LAYOUT(SharedHeader, 64, 8, PF_PROTO_FIELD(SharedHeader, std::uint32_t, magic, 0),
                PF_PROTO_FIELD(SharedHeader, std::uint32_t, version, 4),
                PF_PROTO_FIELD(SharedHeader, std::uint32_t, generation, 8),
                PF_PROTO_FIELD(SharedHeader, std::uint32_t, ring_len, 12),
                PF_PROTO_FIELD(SharedHeader, std::uint32_t, width, 16),
                PF_PROTO_FIELD(SharedHeader, std::uint32_t, height, 20),
                PF_PROTO_FIELD(SharedHeader, std::uint32_t, dxgi_format, 24),
                PF_PROTO_FIELD(SharedHeader, std::uint32_t, target_id, 28),
                PF_PROTO_FIELD(SharedHeader, std::uint64_t, latest, 32),
                PF_PROTO_FIELD(SharedHeader, std::uint64_t, qpc_pts, 40),
                PF_PROTO_FIELD(SharedHeader, std::uint32_t, driver_render_luid_low, 48),
                PF_PROTO_FIELD(SharedHeader, std::int32_t, driver_render_luid_high, 52),
                PF_PROTO_FIELD(SharedHeader, std::uint32_t, driver_status, 56),
                PF_PROTO_FIELD(SharedHeader, std::uint32_t, driver_status_detail, 60));
PF_PROTO_LAYOUT(SharedHeaderV2, 88, 8, PF_PROTO_FIELD(SharedHeaderV2, SharedHeader, base, 0),
                PF_PROTO_FIELD(SharedHeaderV2, std::uint64_t, drain_heartbeat_qpc, 64),
                PF_PROTO_FIELD(SharedHeaderV2, std::uint64_t, last_acquire_qpc, 72),
                PF_PROTO_FIELD(SharedHeaderV2, std::uint64_t, offered_total, 80));
PF_PROTO_LAYOUT(SharedHeaderV3, 152, 8, PF_PROTO_FIELD(SharedHeaderV3, SharedHeaderV2, base, 0),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint32_t, health_state, 88),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint32_t, capabilities, 92),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint32_t, host_capabilities, 96),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint32_t, assignment_epoch, 100),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint32_t, device_epoch, 104),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint32_t, terminal_error_domain, 108),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint32_t, terminal_error_code, 112),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint32_t, pad, 116),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint64_t, source_sequence, 120),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint64_t, last_publish_qpc, 128),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint64_t, published_total, 136),
                PF_PROTO_FIELD(SharedHeaderV3, std::uint64_t, dropped_total, 144));

}  // namespace pf::proto
