#include <pf/core/slot_ledger.hpp>

#include <algorithm>
#include <utility>

namespace pf::core {

SlotLedger::SlotLedger(std::uint32_t slot_count) : count_(std::min(slot_count, proto::kRingLen)) {}

void SlotLedger::offered(const DamageRegion& damage) {
    ++offered_;
    for (std::uint32_t i = 0; i < count_; ++i) {
        entries_[i].since.add(damage);
    }
    since_published_.add(damage);
}

void SlotLedger::lost_frame() {
    offered(DamageRegion::full());
}

SlotLedger::Order SlotLedger::order() const {
    Order order{{}, 0};
    for (std::uint32_t i = 0; i < count_; ++i) {
        if (!entries_[i].drawing) {
            order.slots[order.count++] = i;
        }
    }
    const auto rank = [this](std::uint32_t slot) {
        const std::uint64_t frame = entries_[slot].frame;
        return frame != 0 && frame == published_ ? std::uint64_t{0} : frame + 1;
    };
    for (std::uint32_t i = 1; i < order.count; ++i) {
        for (std::uint32_t j = i; j > 0 && rank(order.slots[j - 1]) < rank(order.slots[j]); --j) {
            std::swap(order.slots[j - 1], order.slots[j]);
        }
    }
    return order;
}

DamageRegion SlotLedger::taken(std::uint32_t slot) {
    const DamageRegion lacking = entries_[slot].since;
    entries_[slot] = {offered_, DamageRegion(), true};
    return lacking;
}

DamageRegion SlotLedger::changed_by(std::uint32_t slot) const {
    DamageRegion changed = since_published_;
    if (entries_[slot].frame < published_) {
        changed.add(entries_[slot].since);
    }
    return changed;
}

void SlotLedger::published(std::uint32_t slot) {
    entries_[slot].drawing = false;
    published_ = entries_[slot].frame;
    since_published_ = entries_[slot].since;
}

void SlotLedger::spoiled(std::uint32_t slot) {
    entries_[slot] = Entry{};
}

}  // namespace pf::core
