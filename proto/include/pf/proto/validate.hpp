// The one door for what comes from the other side: every check takes values that were already
// copied out of a message or read once from shared memory.
#pragma once

#include <pf/proto/control.hpp>
#include <pf/proto/cursor.hpp>
#include <pf/proto/frame.hpp>
#include <pf/proto/ring_extension.hpp>

namespace pf::proto {

constexpr bool valid_size(std::uint32_t width, std::uint32_t height) {
    return width >= 1 && width <= kMaxDimension && height >= 1 && height <= kMaxDimension;
}

constexpr bool valid_mode(std::uint32_t width, std::uint32_t height, std::uint32_t refresh_hz) {
    return valid_size(width, height) && refresh_hz >= 1 && refresh_hz <= kMaxRefreshHz;
}

constexpr bool valid_monitor_id(std::uint32_t id) {
    return id >= kMonitorIdFirst && id <= kMonitorIdLast;
}

// Bytes of one pixel, 0 for a format that the contract does not name.
constexpr std::uint32_t bytes_per_pixel(std::uint32_t dxgi_format) {
    switch (dxgi_format) {
        case kFormatBgra8:
        case kFormatRgb10a2: return 4;
        case kFormatRgba16f: return 8;
        default: return 0;
    }
}

// ring_len in 1..6, and no zero among the header, the event and the first ring_len slots.
constexpr bool valid_frame_channel(const SetFrameChannelRequest& request) {
    if (request.ring_len < 1 || request.ring_len > kRingLen || request.header_handle == 0 ||
        request.event_handle == 0) {
        return false;
    }
    for (std::uint32_t i = 0; i < request.ring_len; ++i) {
        if (request.texture_handles[i] == 0) {
            return false;
        }
    }
    return true;
}

// Bytes of the header mapping that a delivery promises.
constexpr std::uint32_t promised_header_bytes(const SetFrameChannelRequest& request) {
    if (request.header_bytes == 0) {
        return sizeof(SharedHeader);
    }
    return request.header_bytes;
}

// Which tails exist: decided by the header's version and by the size of the mapping.
constexpr bool has_telemetry_tail(std::uint32_t version, std::uint64_t mapped_bytes) {
    return version >= kFrameVersionTelemetry && mapped_bytes >= sizeof(SharedHeaderV2);
}
constexpr bool has_health_tail(std::uint32_t version, std::uint64_t mapped_bytes) {
    return version >= kFrameVersionHealth && mapped_bytes >= sizeof(SharedHeaderV3);
}

enum class Health { initializing, active, rebuilding, dead };

constexpr Health read_health(std::uint32_t word) {
    switch (word) {
        case kHealthInitializing: return Health::initializing;
        case kHealthActive: return Health::active;
        case kHealthRebuilding: return Health::rebuilding;
        default: return Health::dead;
    }
}

// What a monitor shows, as its driver tells. Not a wire type.
struct SourceSize {
    std::uint32_t width;   // pixels; 0: not told
    std::uint32_t height;  // pixels; 0: not told
    bool switched_off;

    // In their own types: a value of another width does not compile.
    static constexpr SourceSize of(std::uint32_t width, std::uint32_t height) {
        return {width, height, false};
    }
    template <typename... Other>
    static SourceSize of(Other...) = delete;
    friend constexpr bool operator==(const SourceSize&, const SourceSize&) = default;
};

// A copied WriterRecord::source_size. A size that cannot be is none.
constexpr SourceSize read_source_size(std::uint64_t word) {
    if (word == kSourceSwitchedOff) {
        return {0, 0, true};
    }
    const auto width = static_cast<std::uint32_t>(word);
    const auto height = static_cast<std::uint32_t>(word >> 32);
    return valid_size(width, height) ? SourceSize::of(width, height) : SourceSize{0, 0, false};
}

// A header section with room for the extension: only then may it be looked at.
constexpr bool reaches_extension(std::uint64_t mapped_bytes) {
    return mapped_bytes >= kExtensionOffset + kExtensionBytes;
}

// A ring of memory slots, as a side has read it once and will use it from then on. Not a wire
// type.
struct RingGeometry {
    std::uint32_t width;   // pixels
    std::uint32_t height;  // pixels
    std::uint32_t dxgi_format;
    std::uint32_t ring_len;
    std::uint32_t pitch_bytes;
    std::uint64_t slot_bytes;
};

constexpr bool valid_geometry(const RingGeometry& g) {
    const auto pixel = bytes_per_pixel(g.dxgi_format);
    return pixel != 0 && valid_size(g.width, g.height) && g.ring_len >= 1 &&
           g.ring_len <= kRingLen && g.pitch_bytes >= g.width * pixel &&
           g.pitch_bytes <= kMaxDimension * 16 && g.pitch_bytes % pixel == 0 &&
           g.slot_bytes >= std::uint64_t{g.pitch_bytes} * g.height;
}

// The geometry of a delivered header section, `header` and `extension` being copies. False when
// the extension is missing or does not describe a ring that can exist. A newer version is read as
// this one: versions only add.
constexpr bool read_geometry(const SharedHeader& header, const RingExtension& extension,
                             RingGeometry& out) {
    if (extension.magic != kExtensionMagic || extension.version < kExtensionVersion ||
        extension.extension_bytes < kExtensionBytes || extension.slot_count != header.ring_len) {
        return false;
    }
    out = {header.width,    header.height,         header.dxgi_format,
           header.ring_len, extension.pitch_bytes, extension.slot_bytes};
    return valid_geometry(out);
}

enum class TokenCheck { ok, nothing_new, foreign_generation, slot_out_of_range };

// `last_seq` is the newest frame that was taken, 0 before the first: a driver starts at seq 1, so
// an untouched `latest` of 0 is nothing new. A seq counts as new when it lies ahead of last_seq
// in wrapping arithmetic.
constexpr TokenCheck check_token(const FrameToken& token, std::uint32_t generation,
                                 std::uint32_t ring_len, std::uint32_t last_seq, bool any_taken) {
    if (token.pack() == 0) {
        return TokenCheck::nothing_new;
    }
    if (token.generation != generation) {
        return TokenCheck::foreign_generation;
    }
    if (token.slot >= ring_len) {
        return TokenCheck::slot_out_of_range;
    }
    const auto ahead = static_cast<std::int32_t>(token.seq - last_seq);
    return any_taken && ahead <= 0 ? TokenCheck::nothing_new : TokenCheck::ok;
}

// True when a frame's rectangles say all that changed since the consumer's last frame: that one is
// not older than the base and not newer than the frame, in wrapping arithmetic.
constexpr bool damage_covers(std::uint32_t flags, std::uint32_t damage_base_seq, std::uint32_t seq,
                             std::uint32_t last_seq, bool any_taken) {
    return any_taken && (flags & kRecordFullDamage) == 0 &&
           static_cast<std::int32_t>(last_seq - damage_base_seq) >= 0 &&
           static_cast<std::int32_t>(seq - last_seq) >= 0 &&
           static_cast<std::int32_t>(seq - damage_base_seq) >= 0;
}

// The part of `rect` inside a width x height frame; all zero when there is none.
constexpr DamageRect clip(const DamageRect& rect, std::uint32_t width, std::uint32_t height) {
    if (rect.x >= width || rect.y >= height || rect.width == 0 || rect.height == 0) {
        return {0, 0, 0, 0};
    }
    const std::uint32_t right = width - rect.x;
    const std::uint32_t below = height - rect.y;
    return {rect.x, rect.y, abi::at_most(rect.width, right), abi::at_most(rect.height, below)};
}

// A copied CursorShm whose shape lies inside a section of `section_bytes`.
constexpr bool valid_cursor_shape(const CursorShm& cursor, std::uint64_t section_bytes) {
    return cursor.width <= kCursorMaxDimension && cursor.height <= kCursorMaxDimension &&
           cursor.pitch >= cursor.width * 4 && cursor.pitch <= kCursorMaxDimension * 4 &&
           kCursorShapeOffset + cursor.pitch * cursor.height <= section_bytes;
}

}  // namespace pf::proto
