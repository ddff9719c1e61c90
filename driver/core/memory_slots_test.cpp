#include <pf/core/memory_slots.hpp>

#include <gtest/gtest.h>

#include "fake_ring.hpp"

namespace pf::core {
namespace {

class MemorySlotsTest : public testing::Test {
protected:
    MemorySlotsTest() {
        proto::RingGeometry geometry{};
        EXPECT_TRUE(proto::read_geometry(fake.header(), fake.ring().extension, geometry));
        slots.open(fake.ring(), geometry, fake.memory().slots);
    }
    proto::SlotRecord& record(std::uint32_t slot) { return fake.ring().records[slot]; }

    FakeRing fake;
    MemorySlots slots;
};

TEST_F(MemorySlotsTest, OpeningFreesEverySlot) {
    record(3).state = proto::kSlotPublished;
    slots.open(fake.ring(), {64, 32, proto::kFormatBgra8, 6, 256, 8192}, fake.memory().slots);
    EXPECT_EQ(record(3).state, proto::kSlotFree);
}

TEST_F(MemorySlotsTest, AcquireMarksTheSlotAsBeingWritten) {
    EXPECT_TRUE(slots.acquire(2));
    EXPECT_EQ(record(2).state, proto::kSlotWriting);
    slots.release(2);
    EXPECT_EQ(record(2).state, proto::kSlotFree);
}

TEST_F(MemorySlotsTest, AHeldSlotIsRefusedAndUntouched) {
    ASSERT_TRUE(slots.acquire(1));
    slots.commit(1, {.seq = 9, .damage = {}});
    fake.ring().leases[1].held = 0x80000000;  // any value but zero
    EXPECT_FALSE(slots.acquire(1));
    EXPECT_EQ(record(1).state, proto::kSlotPublished);
    EXPECT_EQ(record(1).seq, 9U);
}

TEST_F(MemorySlotsTest, CommitWritesTheRecord) {
    ASSERT_TRUE(slots.acquire(0));
    slots.commit(0, {5, 4, 60, 70, 80, 90, 100, DamageRegion::of({1, 2, 3, 4})});
    const proto::SlotRecord& r = record(0);
    EXPECT_EQ(r.state, proto::kSlotPublished);
    EXPECT_EQ(r.seq, 5U);
    EXPECT_EQ(r.damage_base_seq, 4U);
    EXPECT_EQ(r.flags, 0U);
    ASSERT_EQ(r.damage_count, 1U);
    EXPECT_EQ(r.damage[0].x, 1U);
    EXPECT_EQ(r.damage[0].height, 4U);
    EXPECT_EQ(r.source_sequence, 60U);
    EXPECT_EQ(r.present_ticks, 70U);
    EXPECT_EQ(r.claimed_ticks, 80U);
    EXPECT_EQ(r.filled_ticks, 90U);
    EXPECT_EQ(r.published_ticks, 100U);
}

TEST_F(MemorySlotsTest, FullDamageHasNoRectanglesAndNoBase) {
    ASSERT_TRUE(slots.acquire(0));
    slots.commit(0, {.seq = 5, .damage_base_seq = 4, .damage = DamageRegion::full()});
    EXPECT_EQ(record(0).flags, proto::kRecordFullDamage);
    EXPECT_EQ(record(0).damage_count, 0U);
    EXPECT_EQ(record(0).damage_base_seq, 0U);
}

TEST_F(MemorySlotsTest, SeqGoesThroughZero) {
    ASSERT_TRUE(slots.acquire(0));
    slots.commit(0, {.seq = 0, .damage_base_seq = 0xFFFFFFFF, .damage = {}});
    EXPECT_EQ(record(0).seq, 0U);
    EXPECT_EQ(record(0).damage_base_seq, 0xFFFFFFFF);
    EXPECT_EQ(proto::check_token({1, 0, 0}, 1, 6, 0xFFFFFFFF, true), proto::TokenCheck::ok);
}

TEST_F(MemorySlotsTest, AsksWhetherTheReaderWaits) {
    EXPECT_FALSE(slots.reader_waits());
    fake.ring().reader.waiting = 1;
    EXPECT_TRUE(slots.reader_waits());
}

TEST_F(MemorySlotsTest, ReportsTheTotals) {
    slots.report({1, 2, 3, 4, 5});
    EXPECT_EQ(fake.ring().writer.heartbeat_ticks, 1U);
    EXPECT_EQ(fake.ring().writer.published_total, 2U);
    EXPECT_EQ(fake.ring().writer.dropped_total, 3U);
    EXPECT_EQ(fake.ring().writer.signalled_total, 4U);
    EXPECT_EQ(fake.ring().writer.copied_bytes_total, 5U);
}

}  // namespace
}  // namespace pf::core
