#include <pf/core/damage_history.hpp>

#include <algorithm>

namespace pf::core {

void DamageHistory::published(std::uint32_t seq, const DamageRegion& damage) {
    damage_[seq % kDepth] = damage;
    newest_ = seq;
    count_ = std::min(count_ + 1, kDepth);
}

DamageRegion DamageHistory::since(std::uint32_t seq) const {
    const std::uint32_t frames = newest_ - seq;
    if (frames > count_) {
        return DamageRegion::full();
    }
    DamageRegion sum;
    for (std::uint32_t i = 0; i < frames; ++i) {
        sum.add(damage_[(newest_ - i) % kDepth]);
    }
    return sum;
}

}  // namespace pf::core
