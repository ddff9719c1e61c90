#include "pattern_source.hpp"

#include <gtest/gtest.h>

#include "process/test/hand_ring.hpp"
#include "process/test/scratch.hpp"
#include "process/test/waiting_source.hpp"

namespace pf::driver {
namespace {

using test::eventually;
using test::HandRing;
using test::WaitingSource;

std::int64_t soon() {
    return os::deadline_after(20 * os::kSecond);
}

class PatternSourceTest : public testing::Test {
protected:
    void plug(const PatternOptions& options, const core::Mode& mode) {
        source_ = std::make_unique<WaitingSource>(std::make_unique<PatternSource>(options));
        core::PublisherConfig config;
        config.target_id = 1;
        output_ = std::move(*MonitorOutput::create(config, false));
        const core::ModeList modes(mode);
        ASSERT_TRUE(source_->plug({1, 1, 0, mode, false, {}, {}, &modes}, output_));
    }
    void attach(const HandRing& ring) {
        output_->attach(ring.for_driver(ring.plan().generation), ring.plan().generation,
                        ring.plan().ring_len);
    }
    void TearDown() override {
        if (source_) {
            source_->unplug(1);
        }
    }

    std::shared_ptr<MonitorOutput> output_;
    std::unique_ptr<WaitingSource> source_;
};

class EveryPattern : public PatternSourceTest,
                     public testing::WithParamInterface<std::tuple<PatternMode, std::uint32_t>> {};

TEST_P(EveryPattern, EveryFrameIsWholeAndItsOwn) {
    const auto [mode, format] = GetParam();
    plug({mode, format}, {320, 200, 500});
    HandRing ring({.width = 320, .height = 200, .dxgi_format = format});
    attach(ring);
    std::uint64_t last = 0;
    const int frames = mode == PatternMode::idle ? 1 : 60;
    for (int i = 0; i < frames; ++i) {
        const auto taken = ring.wait_frame(soon());
        ASSERT_TRUE(taken);
        EXPECT_TRUE(ring.verify(*taken).whole) << i;
        EXPECT_GT(taken->record.source_sequence, last);
        last = taken->record.source_sequence;
        ring.release(*taken);
    }
}

// What a reader that follows the damage alone ends up with.
TEST_P(EveryPattern, TheDamageIsAllThatChanged) {
    const auto [mode, format] = GetParam();
    plug({mode, format}, {320, 200, 500});
    HandRing ring({.width = 320, .height = 200, .dxgi_format = format, .padding_bytes = 0});
    attach(ring);
    std::vector<std::byte> copy(ring.slot_bytes());
    std::uint32_t last_seq = 0;
    const std::uint32_t pixel = proto::bytes_per_pixel(format);
    for (int i = 0; i < (mode == PatternMode::idle ? 1 : 40); ++i) {
        const auto taken = ring.wait_frame(soon());
        ASSERT_TRUE(taken);
        const proto::SlotRecord& record = taken->record;
        const bool full =
            (record.flags & proto::kRecordFullDamage) != 0 || record.damage_base_seq != last_seq;
        for (std::uint32_t r = 0; r < (full ? 1 : record.damage_count); ++r) {
            const proto::DamageRect rect =
                full ? proto::DamageRect{0, 0, 320, 200} : record.damage[r];
            for (std::uint32_t y = rect.y; y < rect.y + rect.height; ++y) {
                const std::size_t at = std::size_t{y} * ring.pitch_bytes() + rect.x * pixel;
                std::memcpy(copy.data() + at, taken->pixels.data() + at, rect.width * pixel);
            }
        }
        ASSERT_EQ(std::memcmp(copy.data(), taken->pixels.data(), copy.size()), 0) << i;
        last_seq = record.seq;
        ring.release(*taken);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Pattern, EveryPattern,
    testing::Combine(testing::Values(PatternMode::copy, PatternMode::zero_copy,
                                     PatternMode::small_damage, PatternMode::idle),
                     testing::Values(proto::kFormatBgra8, proto::kFormatRgb10a2,
                                     proto::kFormatRgba16f)));

TEST_F(PatternSourceTest, AHeldSlotIsNeverWritten) {
    plug({PatternMode::zero_copy}, {64, 32, 1000});
    HandRing ring({});
    attach(ring);
    const auto held = ring.wait_frame(soon());
    ASSERT_TRUE(held);
    for (int i = 0; i < 50; ++i) {
        const auto taken = ring.wait_frame(soon());
        ASSERT_TRUE(taken);
        EXPECT_NE(taken->slot, held->slot);
        EXPECT_TRUE(ring.verify(*held).whole);
        ring.release(*taken);
    }
}

TEST_F(PatternSourceTest, AnIdlePictureIsShownOnceForEachRing) {
    plug({PatternMode::idle}, {64, 32, 60});
    HandRing first({});
    attach(first);
    const auto taken = first.wait_frame(soon());
    ASSERT_TRUE(taken);
    const std::uint64_t heartbeat = proto::load_relaxed(first.ring().writer.heartbeat_ticks);
    EXPECT_TRUE(eventually([&] {
        return proto::load_relaxed(first.ring().writer.heartbeat_ticks) >
               heartbeat + os::ticks_per_second() * 3 / 10;
    }));
    EXPECT_FALSE(first.take());
    HandRing second({.generation = 2});
    attach(second);
    const auto again = second.wait_frame(soon());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->record.source_sequence, taken->record.source_sequence);
    EXPECT_TRUE(second.verify(*again).whole);
}

TEST_F(PatternSourceTest, AModeChangeShowsInTheNextRing) {
    plug({PatternMode::copy}, {64, 32, 200});
    HandRing before({});
    attach(before);
    ASSERT_TRUE(before.wait_frame(soon()));
    ASSERT_TRUE(source_->set_mode(1, {80, 40, 200}));
    EXPECT_TRUE(
        eventually([&] { return proto::unpack_opened_detail(before.detail()).mismatched > 3; }));
    HandRing after({.width = 80, .height = 40, .generation = 2});
    attach(after);
    const auto taken = after.wait_frame(soon());
    ASSERT_TRUE(taken);
    EXPECT_TRUE(after.verify(*taken).whole);
}

TEST_F(PatternSourceTest, AnIdleModeChangeShowsToo) {
    plug({PatternMode::idle}, {64, 32, 60});
    HandRing before({});
    attach(before);
    ASSERT_TRUE(before.wait_frame(soon()));
    ASSERT_TRUE(source_->set_mode(1, {80, 40, 60}));
    HandRing after({.width = 80, .height = 40, .generation = 2});
    attach(after);
    const auto taken = after.wait_frame(soon());
    ASSERT_TRUE(taken);
    EXPECT_TRUE(after.verify(*taken).whole);
}

TEST_F(PatternSourceTest, AnotherFormatIsAMismatch) {
    plug({PatternMode::copy, proto::kFormatRgba16f}, {64, 32, 200});
    HandRing ring({});
    attach(ring);
    EXPECT_TRUE(eventually([&] {
        const auto detail = proto::unpack_opened_detail(ring.detail());
        return detail.mismatched > 3 && detail.mismatched == detail.offered;
    }));
    EXPECT_FALSE(ring.take());
}

TEST_F(PatternSourceTest, NoMoreFramesThanTheRate) {
    plug({PatternMode::small_damage}, {64, 32, 100});
    HandRing ring({});
    attach(ring);
    const auto first = ring.wait_frame(soon());
    ASSERT_TRUE(first);
    ring.release(*first);
    std::uint64_t frames = 0;
    std::uint64_t end_ticks = first->record.present_ticks + os::ticks_per_second();
    for (;;) {
        const auto taken = ring.wait_frame(soon());
        ASSERT_TRUE(taken);
        ring.release(*taken);
        if (taken->record.present_ticks >= end_ticks) {
            frames = taken->record.source_sequence - first->record.source_sequence;
            end_ticks = taken->record.present_ticks;
            break;
        }
    }
    const std::uint64_t elapsed = end_ticks - first->record.present_ticks;
    EXPECT_LE(frames, elapsed * 100 / os::ticks_per_second() + 1);
}

TEST_F(PatternSourceTest, AnUnknownMonitorHasNoMode) {
    WaitingSource source(std::make_unique<PatternSource>(PatternOptions{}));
    EXPECT_FALSE(source.set_mode(7, {64, 32, 60}));
    source.unplug(7);
}

// Whatever else changes at the monitor, a ring gets each picture once.
TEST_F(PatternSourceTest, AChangeOfSomethingElseShowsNothingTwice) {
    plug({PatternMode::idle, proto::kFormatBgra8}, {64, 48, 60});
    HandRing ring({.width = 64, .height = 48});
    attach(ring);
    const auto first = ring.wait_frame(soon());
    ASSERT_TRUE(first);
    ring.release(*first);
    for (int turn = 0; turn < 3; ++turn) {
        const auto beat = [&] { return proto::load_relaxed(ring.ring().writer.heartbeat_ticks); };
        const std::uint64_t before = beat();
        output_->set_cursor_forward(turn % 2 == 0);
        ASSERT_TRUE(eventually([&] { return beat() != before; }));
        EXPECT_FALSE(ring.take()) << turn;
    }
}

}  // namespace
}  // namespace pf::driver
