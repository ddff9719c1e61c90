#include "capture/damage_trail.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace pf::host {
namespace {

proto::SlotRecord record(std::uint32_t seq, std::uint32_t base_seq, proto::DamageRect rect) {
    proto::SlotRecord record{};
    record.state = proto::kSlotPublished;
    record.seq = seq;
    record.damage_base_seq = base_seq;
    record.damage_count = 1;
    record.damage[0] = rect;
    return record;
}

proto::SlotRecord full(std::uint32_t seq) {
    proto::SlotRecord record{};
    record.seq = seq;
    record.flags = proto::kRecordFullDamage;
    return record;
}

const proto::DamageRect kA{0, 0, 1, 1}, kB{10, 10, 1, 1}, kC{20, 20, 1, 1};

std::size_t rects(std::uint32_t last_seq, const proto::SlotRecord& newest,
                  const std::vector<proto::SlotRecord>& others = {}) {
    return damage_since(last_seq, true, newest, others).size();
}

TEST(DamageTrail, ItsOwnRectanglesDoWhenTheyReachBack) {
    EXPECT_EQ(rects(4, record(5, 4, kA)), 1u);
    EXPECT_EQ(rects(4, record(5, 2, kA)), 1u);
    EXPECT_TRUE(damage_since(4, false, record(5, 4, kA), {}).empty()) << "there is no frame yet";
}

TEST(DamageTrail, WhatWasSkippedIsAddedWhereItsRecordIsThere) {
    const std::vector<proto::SlotRecord> others{record(3, 2, kC), record(4, 3, kB)};
    EXPECT_EQ(rects(3, record(5, 4, kA), others), 2u);
    EXPECT_EQ(rects(2, record(5, 4, kA), others), 3u);
    EXPECT_EQ(rects(1, record(5, 4, kA), others), 0u) << "frame 2's record is gone";
}

TEST(DamageTrail, TheRecordThatReachesFurthestIsTaken) {
    const std::vector<proto::SlotRecord> others{record(4, 3, kB), record(4, 1, kC),
                                                record(4, 2, kB)};
    EXPECT_EQ(rects(1, record(5, 4, kA), others), 2u);
}

TEST(DamageTrail, AWhollyChangedFrameOnTheWayEndsIt) {
    EXPECT_EQ(rects(4, full(5)), 0u);
    EXPECT_EQ(rects(3, record(5, 4, kA), {full(4)}), 0u);
}

TEST(DamageTrail, WhatSaysNothingIsNotBelieved) {
    proto::SlotRecord silent = record(5, 4, kA);
    silent.damage_count = 0;
    EXPECT_EQ(rects(4, silent), 0u);
    silent.seq = 4;
    silent.damage_base_seq = 3;
    EXPECT_EQ(rects(3, record(5, 4, kA), {silent}), 0u);
    EXPECT_EQ(rects(4, record(5, 6, kA)), 0u) << "a base after its own frame";
}

TEST(DamageTrail, EndsWhateverTheRecordsClaim) {
    EXPECT_EQ(rects(3, record(5, 4, kA), {record(4, 4, kB), record(5, 4, kC)}), 0u);
    // Round and round in wrapping arithmetic: what lies on the way is covered the first time.
    const std::uint32_t third = 0x55555555;
    EXPECT_EQ(
        rects(7, record(2 * third, third, kA), {record(third, 0, kB), record(0, 2 * third, kC)}),
        2u);
}

TEST(DamageTrail, SeqGoesThroughZero) {
    EXPECT_EQ(rects(0xFFFFFFFE, record(1, 0, kA), {record(0, 0xFFFFFFFE, kB)}), 2u);
}

}  // namespace
}  // namespace pf::host
