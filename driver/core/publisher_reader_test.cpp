// The publisher against a reader on another thread, over the hand-over of ring_extension.hpp. The
// reader here is the least that a host does: wait for a token, lease, look, let go.
#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "test/fake_ring.hpp"

namespace pf::core {
namespace {

using namespace std::chrono_literals;
using proto::load_acquire;
using proto::load_relaxed;
using proto::store_relaxed;
using proto::store_release;

constexpr std::uint32_t kWidth = 96, kHeight = 64;

struct Tally {
    std::uint64_t frames = 0;
    std::uint64_t retries = 0;  // the slot was taken back before the lease
    std::uint64_t torn = 0;
    std::uint64_t relabelled = 0;
    std::uint64_t backwards = 0;
};

class Reader {
public:
    explicit Reader(FakeRing& fake) : fake_(fake) {}

    // Takes the newest frame if there is one.
    void turn(Tally& tally) {
        const auto token = proto::FrameToken::unpack(load_acquire(fake_.header().latest));
        if (proto::check_token(token, 1, 6, last_seq_, last_seq_ != 0) != proto::TokenCheck::ok) {
            return;
        }
        proto::SlotLease& lease = fake_.ring().leases[token.slot];
        proto::SlotRecord& record = fake_.ring().records[token.slot];
        store_relaxed(lease.held, 1);
        proto::full_fence();
        if (load_acquire(record.state) == proto::kSlotPublished &&
            load_relaxed(record.seq) == token.seq) {
            look(tally, token, load_relaxed(record.source_sequence));
        } else {
            ++tally.retries;
        }
        store_release(lease.held, 0);
    }
    std::uint32_t last_seq() const { return last_seq_; }

private:
    void look(Tally& tally, const proto::FrameToken& token, std::uint64_t source_sequence) {
        const auto* pixels = reinterpret_cast<const std::uint32_t*>(fake_.pixels(token.slot));
        const std::uint32_t value = pixels[0];
        for (std::uint32_t i = 1; i < kWidth * kHeight; ++i) {
            if (pixels[i] != value) {
                ++tally.torn;
                break;
            }
        }
        tally.relabelled += value != source_sequence;
        tally.backwards += token.seq <= last_seq_;
        last_seq_ = token.seq;
        ++tally.frames;
    }

    FakeRing& fake_;
    std::uint32_t last_seq_ = 0;
};

TEST(PublisherReader, SeesOnlyWholeFramesInOrder) {
    for (const std::uint32_t ring_len : {1U, 2U, 6U}) {
        FakeRing fake(kWidth, kHeight, ring_len);
        FakeShell shell;
        ASSERT_EQ(shell.attach(fake.memory(), 1), proto::AttachCheck::ok);
        std::atomic<std::uint32_t> final_seq{0};
        Tally tally;
        std::thread reader([&] {
            Reader r(fake);
            const auto deadline = std::chrono::steady_clock::now() + 50s;
            while (std::chrono::steady_clock::now() < deadline) {
                r.turn(tally);
                const std::uint32_t last = final_seq.load();
                if (last != 0 && r.last_seq() == last) {
                    break;
                }
            }
        });
        Picture picture(kWidth, kHeight);
        std::uint32_t published = 0;
        const auto enough = std::chrono::steady_clock::now() + 5s;  // where everything is slow
        for (std::uint32_t frame = 1; frame <= 20000 && std::chrono::steady_clock::now() < enough;
             ++frame) {
            picture.paint({0, 0, kWidth, kHeight}, frame);
            if (!shell.show(picture.surface(), {frame, frame, DamageRegion::full()})) {
                std::this_thread::yield();
                continue;
            }
            ++published;
        }
        final_seq = published;
        reader.join();
        EXPECT_GT(tally.frames, 0U);
        EXPECT_EQ(tally.torn, 0U) << "ring_len " << ring_len;
        EXPECT_EQ(tally.relabelled, 0U);
        EXPECT_EQ(tally.backwards, 0U);
        EXPECT_EQ(fake.ring().writer.published_total, published);
        EXPECT_EQ(fake.latest().seq, published);
        RecordProperty("frames_" + std::to_string(ring_len), std::to_string(tally.frames));
        RecordProperty("retries_" + std::to_string(ring_len), std::to_string(tally.retries));
    }
}

// No wake-up is lost: a reader that said it waits and then saw nothing new is always signalled.
TEST(PublisherReader, AWaitingReaderIsAlwaysWoken) {
    FakeRing fake(8, 8);
    FakeShell shell;
    ASSERT_EQ(shell.attach(fake.memory(), 1), proto::AttachCheck::ok);
    constexpr std::uint32_t kFrames = 20000;
    std::atomic<std::uint32_t> event{0};
    std::atomic<std::uint32_t> consumed{0};
    std::atomic<bool> lost{false};
    std::thread reader([&] {
        const auto deadline = std::chrono::steady_clock::now() + 50s;
        std::uint32_t seen = 0;
        while (seen < kFrames) {
            store_relaxed(fake.ring().reader.waiting, 1);
            proto::full_fence();
            const auto token = proto::FrameToken::unpack(load_acquire(fake.header().latest));
            if (token.seq == seen) {
                while (event.exchange(0) == 0) {
                    if (std::chrono::steady_clock::now() > deadline) {
                        lost = true;
                        consumed = kFrames;
                        return;
                    }
                    std::this_thread::yield();
                }
            }
            store_relaxed(fake.ring().reader.waiting, 0);
            seen = proto::FrameToken::unpack(load_acquire(fake.header().latest)).seq;
            consumed = seen;
        }
    });
    for (std::uint32_t frame = 1; frame <= kFrames; ++frame) {
        auto claim = shell.publisher.claim({}, frame);
        ASSERT_TRUE(claim);
        const int woken = shell.waker.count;
        shell.publisher.publish(std::move(*claim), frame, frame);
        if (shell.waker.count != woken) {
            event = 1;
        }
        while (frame % 2 == 0 && consumed < frame) {
            std::this_thread::yield();
        }
    }
    reader.join();
    EXPECT_FALSE(lost);
}

}  // namespace
}  // namespace pf::core
