#include <pf/core/memory_slots.hpp>

#include <gtest/gtest.h>

#include "test/fake_ring.hpp"

namespace pf::core {
namespace {

class MemorySlotsTest : public testing::Test {
protected:
    MemorySlotsTest() {
        EXPECT_EQ(slots.open(RingHeader::read(fake.memory().header), fake.memory()),
                  AttachError::none);
        slots.free_all();
    }
    Slot& slot(std::uint32_t index) { return slots.slot(index); }
    proto::SlotRecord& record(std::uint32_t slot) { return fake.ring().records[slot]; }

    FakeRing fake;
    MemorySlots slots;
};

TEST_F(MemorySlotsTest, OpeningWritesNothingUntilTheSlotsAreFreed) {
    record(3).state = proto::kSlotPublished;
    ASSERT_EQ(slots.open(RingHeader::read(fake.memory().header), fake.memory()), AttachError::none);
    EXPECT_EQ(record(3).state, proto::kSlotPublished);
    slots.free_all();
    EXPECT_EQ(record(3).state, proto::kSlotFree);
}

TEST_F(MemorySlotsTest, AcquireMarksTheSlotAsBeingWritten) {
    EXPECT_EQ(slot(2).acquire(), Acquired::ours);
    EXPECT_EQ(record(2).state, proto::kSlotWriting);
    slot(2).release();
    EXPECT_EQ(record(2).state, proto::kSlotFree);
}

TEST_F(MemorySlotsTest, AHeldSlotIsRefusedAndUntouched) {
    ASSERT_EQ(slot(1).acquire(), Acquired::ours);
    slot(1).commit({.damage = {}, .seq = 9});
    fake.ring().leases[1].held = 0x80000000;  // any value but zero
    EXPECT_EQ(slot(1).acquire(), Acquired::busy);
    EXPECT_EQ(record(1).state, proto::kSlotPublished);
    EXPECT_EQ(record(1).seq, 9U);
}

TEST_F(MemorySlotsTest, CommitWritesTheRecord) {
    ASSERT_EQ(slot(0).acquire(), Acquired::ours);
    slot(0).commit({60, 70, DamageRegion::of({1, 2, 3, 4}), 5, 4, 80, 90, 100});
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
    ASSERT_EQ(slot(0).acquire(), Acquired::ours);
    slot(0).commit({.damage = DamageRegion::full(), .seq = 5, .damage_base_seq = 4});
    EXPECT_EQ(record(0).flags, proto::kRecordFullDamage);
    EXPECT_EQ(record(0).damage_count, 0U);
    EXPECT_EQ(record(0).damage_base_seq, 0U);
}

TEST_F(MemorySlotsTest, SeqGoesThroughZero) {
    ASSERT_EQ(slot(0).acquire(), Acquired::ours);
    slot(0).commit({.damage = {}, .seq = 0, .damage_base_seq = 0xFFFFFFFF});
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
    slots.report(
        {.heartbeat_ticks = 1, .published = 2, .dropped = 3, .signalled = 4, .copied_bytes = 5});
    EXPECT_EQ(fake.ring().writer.heartbeat_ticks, 1U);
    EXPECT_EQ(fake.ring().writer.published_total, 2U);
    EXPECT_EQ(fake.ring().writer.dropped_total, 3U);
    EXPECT_EQ(fake.ring().writer.signalled_total, 4U);
    EXPECT_EQ(fake.ring().writer.copied_bytes_total, 5U);
}

}  // namespace
}  // namespace pf::core
