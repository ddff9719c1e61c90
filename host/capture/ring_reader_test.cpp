#include "capture/ring_reader.hpp"

#include <thread>

#include <gtest/gtest.h>

#include <pf/proto/shared_access.hpp>

#include "test/ring_pair.hpp"

namespace pf::host {
namespace {

using test::first_byte;
using test::RingPair;

class Reader : public testing::Test {
protected:
    Reader() { EXPECT_EQ(pair_.attach(), proto::AttachCheck::ok); }
    Take take(ReadPosition& position, Frame& frame) { return pair_.reader->take(position, frame); }
    RingPair pair_;
    ReadPosition position_ = RingReader::new_position().value();
    Frame frame_;
};

TEST_F(Reader, TheHeaderIsWhatADriverExpects) {
    const DriverWords words = pair_.reader->driver_words();
    EXPECT_EQ(words.status, proto::kDriverStatusOpened);
    EXPECT_FALSE(words.dead);
    EXPECT_EQ(take(position_, frame_), Take::nothing);
}

TEST_F(Reader, TakesTheNewestOnceAndCountsTheSkipped) {
    ASSERT_TRUE(pair_.publish(1));
    ASSERT_TRUE(pair_.publish(2));
    ASSERT_TRUE(pair_.publish(3));
    ASSERT_EQ(take(position_, frame_), Take::frame);
    EXPECT_EQ(first_byte(frame_), 3);
    EXPECT_EQ(frame_.view().seq, 3u);
    EXPECT_EQ(frame_.view().width, 64u);
    EXPECT_EQ(frame_.view().pitch_bytes(), 256u);
    EXPECT_EQ(frame_.view().target_id, 3u);
    EXPECT_EQ(frame_.view().source_sequence, 3u);
    EXPECT_TRUE(frame_.view().full_damage);
    EXPECT_EQ(position_.skipped, 2u);
    EXPECT_EQ(take(position_, frame_), Take::nothing);
    const FrameTimes& t = frame_.view().times;
    EXPECT_GT(t.present_ns, 0);
    EXPECT_LE(t.claimed_ns, t.filled_ns);
    EXPECT_LE(t.filled_ns, t.published_ns);
    EXPECT_LE(t.published_ns, t.noticed_ns);
    EXPECT_LE(t.noticed_ns, t.leased_ns);
}

TEST_F(Reader, DamageCountsAgainstTheFrameTakenBefore) {
    const auto rect = core::DamageRegion::of({1, 2, 3, 4});
    ASSERT_TRUE(pair_.publish(1));
    ASSERT_EQ(take(position_, frame_), Take::frame);
    ASSERT_TRUE(pair_.publish(2, rect));
    ASSERT_EQ(take(position_, frame_), Take::frame);
    ASSERT_FALSE(frame_.view().full_damage);
    ASSERT_EQ(frame_.view().damage.size(), 1u);
    EXPECT_EQ(frame_.view().damage[0].width, 3u);
}

TEST_F(Reader, AFrameThatIsWhollyChangedHasOneRectangle) {
    ASSERT_TRUE(pair_.publish(1, core::DamageRegion::of({1, 2, 3, 4})));
    ASSERT_EQ(take(position_, frame_), Take::frame);
    const FrameView& view = frame_.view();
    EXPECT_TRUE(view.full_damage) << "it is the first";
    ASSERT_EQ(view.damage.size(), 1u);
    EXPECT_EQ(view.damage[0].width, view.width);
    EXPECT_EQ(view.damage[0].height, view.height);
}

TEST_F(Reader, AFrameNamesItsMemoryForWhoHandsItOn) {
    ASSERT_TRUE(pair_.publish(7));
    ASSERT_EQ(take(position_, frame_), Take::frame);
    const FrameView& view = frame_.view();
    ASSERT_NE(view.memory(), nullptr);
    EXPECT_EQ(view.memory()->bytes.size(), std::size_t{view.pitch_bytes()} * view.height);
    EXPECT_EQ(view.slot, pair_.newest().slot);
    // The handle leads to the same bytes.
    const os::Region& region = pair_.reader->ring().slot_region(view.slot);
    EXPECT_EQ(view.memory()->handle, region.handle().native());
    const auto again = os::ReadOnlyMapping::map(region).value();
    EXPECT_EQ(std::memcmp(again.bytes().data() + view.memory()->offset_bytes, view.pixels(),
                          view.memory()->bytes.size()),
              0);
}

TEST_F(Reader, ReadersShareAFrameAndTheSlotIsHeldUntilTheLastOne) {
    ReadPosition other = RingReader::new_position().value();
    Frame theirs;
    ASSERT_TRUE(pair_.publish(7));
    ASSERT_EQ(take(position_, frame_), Take::frame);
    ASSERT_EQ(take(other, theirs), Take::frame);
    EXPECT_EQ(frame_.view().pixels(), theirs.view().pixels());
    const Frame copy = theirs;
    frame_ = {};
    theirs = {};
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(pair_.publish(100 + i));
    }
    EXPECT_EQ(first_byte(copy), 7);
    EXPECT_TRUE(test::uniform(copy));
}

TEST_F(Reader, ADriverWithoutAFreeSlotDropsAndGoesOnWhenOneIsBack) {
    std::vector<Frame> held;
    for (int i = 0; i < 6; ++i) {
        ASSERT_TRUE(pair_.publish(i));
        ASSERT_EQ(take(position_, frame_), Take::frame);
        held.push_back(std::move(frame_));
    }
    EXPECT_FALSE(pair_.publish(50));
    EXPECT_EQ(pair_.reader->driver_words().dropped, 1u);
    held.pop_back();
    EXPECT_TRUE(pair_.publish(51));
    ASSERT_EQ(take(position_, frame_), Take::frame);
    EXPECT_EQ(first_byte(frame_), 51);
}

TEST_F(Reader, AFrameOutlivesItsRing) {
    ASSERT_TRUE(pair_.publish(9));
    ASSERT_EQ(take(position_, frame_), Take::frame);
    pair_.reader.reset();
    EXPECT_EQ(first_byte(frame_), 9);
    frame_ = {};
}

TEST_F(Reader, WrongTokensCountOnceEach) {
    std::uint64_t& latest = pair_.shared_header().base.base.latest;
    proto::store_release(latest, proto::FrameToken{4, 1, 0}.pack());
    EXPECT_EQ(take(position_, frame_), Take::nothing);
    EXPECT_EQ(take(position_, frame_), Take::nothing);
    EXPECT_EQ(position_.stale, 1u);
    proto::store_release(latest, proto::FrameToken{5, 1, 6}.pack());
    EXPECT_EQ(take(position_, frame_), Take::nothing);
    EXPECT_EQ(position_.rejected, 1u);
    proto::store_release(latest, proto::FrameToken{5, 1, 0}.pack());  // its slot is free
    EXPECT_EQ(take(position_, frame_), Take::contended);
    EXPECT_EQ(pair_.shared().leases[0].held, 0u);
}

TEST_F(Reader, ARecordThatMakesNoSenseIsRejected) {
    ASSERT_TRUE(pair_.publish(1));
    const auto token = proto::FrameToken::unpack(pair_.shared_header().base.base.latest);
    proto::store_relaxed(pair_.shared().records[token.slot].damage_count, 17);
    EXPECT_EQ(take(position_, frame_), Take::nothing);
    EXPECT_EQ(position_.rejected, 1u);
    EXPECT_EQ(pair_.shared().leases[token.slot].held, 0u);
}

TEST_F(Reader, ALieAboutASlotThatIsHeldChangesNothing) {
    ASSERT_TRUE(pair_.publish(1));
    ASSERT_EQ(take(position_, frame_), Take::frame);
    const auto token = proto::FrameToken::unpack(pair_.shared_header().base.base.latest);
    proto::SlotRecord& record = pair_.shared().records[token.slot];
    proto::store_relaxed(record.seq, 2);
    proto::store_release(pair_.shared_header().base.base.latest,
                         proto::FrameToken{5, 2, token.slot}.pack());
    Frame second;
    EXPECT_EQ(take(position_, second), Take::nothing);
    EXPECT_EQ(position_.rejected, 1u);
    EXPECT_EQ(frame_.view().seq, 1u);
}

TEST_F(Reader, TimestampsOfTheFutureAreNotTold) {
    ASSERT_TRUE(pair_.publish(1));
    const auto token = proto::FrameToken::unpack(pair_.shared_header().base.base.latest);
    proto::store_relaxed(pair_.shared().records[token.slot].present_ticks, UINT64_MAX);
    proto::store_relaxed(pair_.shared().records[token.slot].filled_ticks,
                         os::now_ticks() + 10 * os::ticks_per_second());
    ASSERT_EQ(take(position_, frame_), Take::frame);
    EXPECT_EQ(frame_.view().times.present_ns, 0);
    EXPECT_EQ(frame_.view().times.filled_ns, 0);
    EXPECT_GT(frame_.view().times.published_ns, 0);
}

TEST_F(Reader, AWaitEndsWithTheFrameAndNoneIsLost) {
    constexpr int kFrames = 2000;
    std::thread driver([&] {
        for (int i = 1; i <= kFrames; ++i) {
            pair_.publish(i % 256);
            if (i % 16 == 0) {
                std::this_thread::yield();
            }
        }
    });
    const std::int64_t deadline_ns = os::deadline_after(40 * os::kSecond);
    while (position_.last_seq != kFrames && os::now_ns() < deadline_ns) {
        if (take(position_, frame_) == Take::frame) {
            ASSERT_EQ(first_byte(frame_), static_cast<int>(frame_.view().seq % 256));
            ASSERT_TRUE(test::uniform(frame_));
        } else {
            // Long enough that a lost wake-up fails the test by its deadline.
            pair_.reader->wait(position_, nullptr, os::deadline_after(30 * os::kSecond));
        }
    }
    driver.join();
    EXPECT_EQ(position_.last_seq, static_cast<std::uint32_t>(kFrames));
    EXPECT_EQ(position_.rejected + position_.stale, 0u);
}

TEST_F(Reader, SeveralWaitersAllWake) {
    constexpr std::uint32_t kFrames = 200;
    std::atomic<std::uint32_t> done{0};
    const auto read_all = [&] {
        ReadPosition position = RingReader::new_position().value();
        Frame frame;
        const std::int64_t deadline_ns = os::deadline_after(40 * os::kSecond);
        while (position.last_seq != kFrames && os::now_ns() < deadline_ns) {
            if (take(position, frame) != Take::frame) {
                pair_.reader->wait(position, nullptr, os::deadline_after(30 * os::kSecond));
            }
        }
        done += position.last_seq == kFrames ? 1 : 0;
    };
    std::thread first(read_all), second(read_all), third(read_all);
    for (std::uint32_t i = 0; i < kFrames; ++i) {
        while (!pair_.publish(1)) {
            std::this_thread::yield();  // the last frame must get through
        }
        std::this_thread::yield();
    }
    first.join();
    second.join();
    third.join();
    EXPECT_EQ(done, 3u);
}

// A second waiter that comes after the leader told its followers of a token, and waits again.
TEST_F(Reader, ALateFollowerIsNotLeftWaiting) {
    ReadPosition late = RingReader::new_position().value();  // has seen nothing yet
    ASSERT_TRUE(pair_.publish(1));
    ASSERT_EQ(take(position_, frame_), Take::frame);
    std::thread leader(
        [&] { pair_.reader->wait(position_, nullptr, os::deadline_after(30 * os::kSecond)); });
    const std::int64_t deadline_ns = os::deadline_after(20 * os::kSecond);
    while (proto::load_relaxed(pair_.shared().reader.waiting) == 0 && os::now_ns() < deadline_ns) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(pair_.reader->wait(late, nullptr, os::deadline_after(10 * os::kSecond)));
    pair_.reader->interrupt();
    leader.join();
}

TEST_F(Reader, AnInterruptEndsAWait) {
    std::thread other([&] { pair_.reader->interrupt(); });
    EXPECT_TRUE(pair_.reader->wait(position_, nullptr, os::deadline_after(30 * os::kSecond)));
    other.join();
}

}  // namespace
}  // namespace pf::host
