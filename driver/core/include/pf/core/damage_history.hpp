// What changed with each of the newest published frames, so that the record of a new one can say
// what changed since an older one: a reader that skipped frames says which it took last. Private
// memory of the publisher; numbers are seqs of one ring.
#pragma once

#include <array>
#include <cstdint>

#include <pf/core/damage_region.hpp>

namespace pf::core {

class DamageHistory {
public:
    static constexpr std::uint32_t kDepth = 16;

    // Frame `seq` was published, and differs by `damage` from the one before it.
    void published(std::uint32_t seq, const DamageRegion& damage);
    // All that changed after frame `seq`, up to the newest; full when that is not remembered. Any
    // value.
    DamageRegion since(std::uint32_t seq) const;

private:
    std::array<DamageRegion, kDepth> damage_;  // of frame seq at seq % kDepth
    std::uint32_t newest_ = 0;
    std::uint32_t count_ = 0;
};

}  // namespace pf::core
