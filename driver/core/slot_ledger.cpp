#include <pf/core/slot_ledger.hpp>

#include <algorithm>

namespace pf::core {

SlotLedger::SlotLedger(std::uint32_t slot_count) : count_(std::min(slot_count, proto::kRingLen)) {}

SlotLedger::Order SlotLedger::order() const {
    Order order{{}, count_};
    for (std::uint32_t i = 0; i < count_; ++i) {
        order.slots[i] = i;
    }
    const auto rank = [this](std::uint32_t slot) {
        const std::uint64_t age = entries_[slot].age;
        return age != 0 && age == newest_ ? std::uint64_t{0} : age + 1;
    };
    for (std::uint32_t i = 1; i < count_; ++i) {
        for (std::uint32_t j = i; j > 0 && rank(order.slots[j - 1]) < rank(order.slots[j]); --j) {
            std::swap(order.slots[j - 1], order.slots[j]);
        }
    }
    return order;
}

void SlotLedger::published(std::uint32_t slot, const DamageRegion& damage) {
    for (std::uint32_t i = 0; i < count_; ++i) {
        entries_[i].stale.add(damage);
    }
    entries_[slot] = {++newest_, DamageRegion()};
    base_lost_ = false;
}

void SlotLedger::spoiled(std::uint32_t slot) {
    entries_[slot] = Entry{};
}

void SlotLedger::lost_frame() {
    for (Entry& entry : entries_) {
        entry.stale = DamageRegion::full();
    }
    base_lost_ = true;
}

}  // namespace pf::core
