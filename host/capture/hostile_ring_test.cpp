// A driver that lies: every word of the header section is rewritten at random while the host
// reads. Whatever comes out must lie inside what the host made itself.

#include <random>
#include <thread>

#include <gtest/gtest.h>

#include <pf/os/test/event_abuse.hpp>
#include <pf/proto/shared_access.hpp>

#include "test/ring_pair.hpp"

namespace pf::host {
namespace {

void check(const FrameView& view, const proto::RingGeometry& geometry) {
    ASSERT_EQ(view.width, geometry.width);
    ASSERT_EQ(view.height, geometry.height);
    ASSERT_EQ(view.pitch_bytes(), geometry.pitch_bytes);
    ASSERT_FALSE(view.damage.empty());
    ASSERT_LE(view.damage.size(), proto::kMaxDamageRects);
    for (const proto::DamageRect& rect : view.damage) {
        ASSERT_LE(std::uint64_t{rect.x} + rect.width, view.width);
        ASSERT_LE(std::uint64_t{rect.y} + rect.height, view.height);
    }
    ASSERT_LE(view.times.present_ns, view.times.noticed_ns);
    // Reads the corners: a sanitizer or the system objects if they are not ours.
    volatile std::byte sink = view.pixels()[0];
    sink = view.pixels()[std::size_t{view.pitch_bytes()} * view.height - 1];
    (void)sink;
}

TEST(HostileRing, NothingTheDriverWritesLeadsAstray) {
    test::RingPair pair;
    ASSERT_EQ(pair.attach(), proto::AttachCheck::ok);
    std::atomic<bool> ending{false};
    auto* words = reinterpret_cast<std::uint32_t*>(pair.header.bytes().data());
    std::thread liar([&] {
        std::mt19937_64 random(4711);
        const std::size_t count = pair.header.bytes().size() / sizeof *words;
        while (!ending.load()) {
            // Half of the lies are plausible ones: the token, a record's state and seq.
            const std::uint64_t lie = random();
            if (lie % 2 == 0) {
                const auto slot = static_cast<std::uint8_t>(lie >> 8 & 7);
                const auto seq = static_cast<std::uint32_t>(lie >> 32);
                auto& record = pair.shared().records[slot % 6];
                proto::store_relaxed(record.seq, seq);
                proto::store_relaxed(record.damage_count, lie >> 16 & 31);
                proto::store_release(record.state, proto::kSlotPublished);
                proto::store_release(pair.shared_header().base.base.latest,
                                     proto::FrameToken{5, seq, slot}.pack());
            } else {
                proto::store_relaxed(words[lie >> 8 & (count - 1)],
                                     static_cast<std::uint32_t>(lie >> 32));
            }
        }
    });
    const proto::RingGeometry geometry = pair.reader->ring().geometry();
    ReadPosition position = RingReader::new_position().value();
    std::vector<Frame> held;
    const std::int64_t deadline_ns = os::deadline_after(os::kSecond);
    while (os::now_ns() < deadline_ns && !testing::Test::HasFatalFailure()) {
        Frame frame;
        if (pair.reader->take(position, frame) == Take::frame) {
            check(frame.view(), geometry);
            held.push_back(std::move(frame));
        }
        if (held.size() == 4) {
            held.clear();
        }
        (void)pair.reader->driver_words();
    }
    ending = true;
    liar.join();
    EXPECT_GT(position.frames, 0u);
    EXPECT_GT(position.rejected + position.stale, 0u);
}

// The other owner of the ring's event: a signal that blocks does so for good.
TEST(HostileRing, AFullAndBlockingEventHoldsUpNoInterrupt) {
    test::RingPair pair;
    ASSERT_EQ(pair.attach(), proto::AttachCheck::ok);
    os::test::fill_and_make_blocking(pair.reader->ring().event());
    for (int i = 0; i < 3; ++i) {
        pair.reader->interrupt();
    }
    ReadPosition position = RingReader::new_position().value();
    EXPECT_TRUE(pair.reader->wait(position, nullptr, os::kNever))
        << "the event and the interrupt, told in one go";
    EXPECT_FALSE(pair.reader->wait(position, nullptr, 0));
}

TEST(HostileRing, AnInterruptEndsEveryWaitWhateverTheDriverDoesToItsEvent) {
    test::RingPair pair;
    ASSERT_EQ(pair.attach(), proto::AttachCheck::ok);
    std::atomic<int> returned{0};
    std::vector<std::thread> waiters;
    for (int i = 0; i < 3; ++i) {
        waiters.emplace_back([&] {
            ReadPosition position = RingReader::new_position().value();
            pair.reader->wait(position, nullptr, os::kNever);
            ++returned;
        });
    }
    // The driver takes every signal of the shared event away, and makes it blocking.
    os::test::make_blocking(pair.reader->ring().event());
    const std::int64_t deadline_ns = os::deadline_after(30 * os::kSecond);
    while (returned.load() < 3 && os::now_ns() < deadline_ns) {
        pair.reader->interrupt();
        pair.reader->ring().event().clear();
        os::sleep_until(os::deadline_after(os::kMillisecond));
    }
    EXPECT_EQ(returned.load(), 3);
    for (std::thread& waiter : waiters) {
        waiter.join();
    }
}

}  // namespace
}  // namespace pf::host
