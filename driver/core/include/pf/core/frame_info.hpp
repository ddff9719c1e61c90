// What is told about a frame beside its pixels: the one type for it on the driver's side. The
// source fills in the first part and the publisher the second, once, where the slot is claimed and
// where it is published. Ticks are those of the ring.
#pragma once

#include <cstdint>

#include <pf/core/damage_region.hpp>

namespace pf::core {

struct FrameInfo {
    std::uint64_t source_sequence = 0;
    std::uint64_t present_ticks = 0;
    // The source: what changed since the frame that it offered before this one, whatever became of
    // that. The publisher: since frame damage_base_seq, clipped to the frame and never empty.
    DamageRegion damage;

    std::uint32_t seq = 0;
    std::uint32_t damage_base_seq = 0;  // no meaning when `damage` is full
    std::uint64_t claimed_ticks = 0;
    std::uint64_t filled_ticks = 0;
    std::uint64_t published_ticks = 0;
};

}  // namespace pf::core
