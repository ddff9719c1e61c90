// Rewrites, word by word, what a driver may write: the header section, the slots, the cursor
// section. Owned by the thread or process that lies; the memory is mapped by its owner.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <pf/proto/ring_extension.hpp>

#include "dice.hpp"

namespace pf::hostile {

// A ring as a lying driver sees it. Spans may be empty: what was not delivered is left alone.
struct LiarsRing {
    std::span<std::byte> header;
    std::array<std::span<std::byte>, proto::kRingLen> slots;
    std::uint32_t generation = 0;
};

class RingLiar {
public:
    RingLiar(const LiarsRing& ring, Dice& dice) : ring_(ring), dice_(dice) {}

    // One lie; returns how many words it rewrote. Most are such that a reader believes them far
    // enough to look further.
    std::uint64_t lie();
    // What an honest driver says once it opened the ring.
    void open();

private:
    std::uint64_t publish();
    std::uint64_t rewrite_pixels();
    std::uint64_t rewrite_health();
    std::uint64_t rewrite_any();
    proto::SharedHeaderV3& header() const;
    proto::MemoryRing& shared() const;

    LiarsRing ring_;
    Dice& dice_;
    std::uint32_t seq_ = 0;
};

class CursorLiar {
public:
    CursorLiar(std::span<std::byte> section, Dice& dice) : section_(section), dice_(dice) {}
    std::uint64_t lie();

private:
    std::uint64_t write_state();

    std::span<std::byte> section_;
    Dice& dice_;
};

}  // namespace pf::hostile
