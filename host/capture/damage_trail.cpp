#include "capture/damage_trail.hpp"

namespace pf::host {
namespace {

void add(damage::DamageRects& sum, const proto::SlotRecord& record) {
    for (std::uint32_t i = 0; i < record.damage_count; ++i) {
        sum.add(record.damage[i]);
    }
}

bool covers(const proto::SlotRecord& record, std::uint32_t last_seq) {
    return proto::damage_covers(record.flags, record.damage_base_seq, record.seq, last_seq, true);
}

// The one that says what changed up to `seq` and reaches back the furthest; null: none does.
const proto::SlotRecord* before(std::uint32_t seq, std::span<const proto::SlotRecord> others) {
    const proto::SlotRecord* best = nullptr;
    for (const proto::SlotRecord& record : others) {
        const bool leads_back =
            record.damage_count != 0 && record.damage_base_seq != seq && covers(record, seq);
        if (leads_back && (best == nullptr || covers(record, best->damage_base_seq))) {
            best = &record;
        }
    }
    return best;
}

}  // namespace

damage::DamageRects damage_since(std::uint32_t last_seq, bool any_taken,
                                 const proto::SlotRecord& newest,
                                 std::span<const proto::SlotRecord> others) {
    damage::DamageRects sum;
    const bool tells =
        any_taken && newest.damage_count != 0 && (newest.flags & proto::kRecordFullDamage) == 0;
    const proto::SlotRecord* link = tells ? &newest : nullptr;
    // A step for each record at most: what they claim may lead in a circle.
    for (std::size_t steps = 0; link != nullptr && steps <= others.size(); ++steps) {
        add(sum, *link);
        if (covers(*link, last_seq)) {
            return sum;
        }
        link = before(link->damage_base_seq, others);
    }
    return {};
}

}  // namespace pf::host
