// Publishes a monitor's frames into the ring that the host delivered. One thread at a time (the
// shell locks). No OS call: memory is mapped by the shell, time is an argument, the wake-up is
// the shell's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <pf/core/damage_region.hpp>
#include <pf/proto/frame.hpp>
#include <pf/proto/validate.hpp>

namespace pf::core {

// The delivered objects, mapped; the shell keeps them mapped until detach() or the next attach().
struct RingMemory {
    std::span<std::byte> header;  // as many bytes as the section has, page-aligned
    std::array<std::span<std::byte>, proto::kRingLen> slots;  // the first ring_len; rest empty
    std::uint32_t ring_len = 0;       // as delivered
    std::uint32_t generation = 0;     // as delivered
};

struct PublisherConfig {
    std::uint32_t target_id = 0;
    std::uint32_t luid_low = 0;
    std::int32_t luid_high = 0;
    std::uint32_t protocol_version = 6;  // 2: the header's tails are left alone
};

// Pixels of the source's own, for a source that cannot draw into a slot.
struct Surface {
    const std::byte* pixels = nullptr;
    std::uint32_t width = 0;   // pixels
    std::uint32_t height = 0;  // pixels
    std::uint32_t pitch_bytes = 0;
    std::uint32_t dxgi_format = 0;
};

struct FrameInfo {
    std::uint64_t source_sequence = 0;
    std::uint64_t present_ticks = 0;
    DamageRegion damage;  // against the source's previous frame
};

class FramePublisher {
public:
    explicit FramePublisher(const PublisherConfig& config) : config_(config) {}

    // Reads the header once, checks everything, writes the render LUID and the status words as
    // contract.md 9 says. After ok, `geometry()` holds until detach. A new attach replaces the old.
    proto::AttachCheck attach(const RingMemory& memory, std::uint64_t now_ticks);
    // Writes kDriverStatusTextureFail for a ring whose slots the shell could not open.
    void attach_failed(const RingMemory& memory, std::uint32_t error_code);
    void detach();
    bool attached() const;
    const proto::RingGeometry& geometry() const;

    // A slot to write into; only the publisher's own words are trusted for its bounds.
    struct Claim {
        std::uint32_t slot = 0;
        std::span<std::byte> pixels;  // pitch_bytes * height
        std::uint32_t pitch_bytes = 0;
        DamageRegion stale;  // what this slot lacks of the newest published frame
        std::uint64_t claimed_ticks = 0;
    };
    // Counts the frame as offered. nullopt: every slot is leased (the frame is dropped and
    // counted), or nothing is attached.
    std::optional<Claim> claim(std::uint64_t now_ticks);
    // Copies stale + info.damage from the surface, which must match geometry().
    void fill(const Claim& claim, const Surface& surface, const FrameInfo& info);
    // Record, state, token. True: signal the ring's event now.
    bool publish(const Claim& claim, const FrameInfo& info, std::uint64_t filled_ticks,
                 std::uint64_t now_ticks);
    // Gives the slot back unpublished; all of it counts as stale from then on.
    void abandon(const Claim& claim);

    // A frame of another size or format: counted, not published.
    void count_mismatch(std::uint64_t now_ticks);
    // The loop of this monitor turned; keeps the health and heartbeat words fresh.
    void heartbeat(std::uint64_t now_ticks);
    void set_health(std::uint32_t health_state);  // proto::kHealth*

private:
    PublisherConfig config_;
};

}  // namespace pf::core
