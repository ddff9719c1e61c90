// What the replays cannot cut through: the two looks inside one claim and one lease, against each
// other at full speed. The driver's slots and the host's, one slot, two threads.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <pf/core/memory_slots.hpp>
#include <pf/os/clock.hpp>
#include <pf/proto/shared_access.hpp>

#include "capture/memory_slots.hpp"

namespace pf::model {
namespace {

constexpr std::uint32_t kWords = 8;

struct Ring {
    Ring() {
        ring = host::FrameRing::create({.width = kWords,
                                        .height = 1,
                                        .format = host::PixelFormat::bgra8,
                                        .target_id = 1,
                                        .generation = 1})
                   .value();
        header = os::WritableMapping::map(ring->header_region()).value();
        slot = os::WritableMapping::map(ring->slot_region(0)).value();
        driver = core::MemorySlot(ring->shared().records[0], ring->shared().leases[0], slot.bytes(),
                                  ring->geometry());
    }
    std::uint32_t& word(std::uint32_t index) {
        return reinterpret_cast<std::uint32_t*>(slot.bytes().data())[index];
    }

    std::unique_ptr<host::FrameRing> ring;
    os::WritableMapping header, slot;
    core::MemorySlot driver;
};

struct Tally {
    std::uint64_t held = 0;
    std::uint64_t moved_on = 0;
    std::uint64_t broken = 0;
};

// Looks at the slot that it holds: every word is the frame's, and stays so.
void look(Ring& ring, std::uint32_t seq, Tally& tally) {
    for (int again = 0; again < 2; ++again) {
        for (std::uint32_t i = 0; i < kWords; ++i) {
            tally.broken += proto::load_relaxed(ring.word(i)) != seq;
        }
    }
}

void publish(Ring& ring, std::uint32_t seq) {
    for (std::uint32_t i = 0; i < kWords; ++i) {
        proto::store_relaxed(ring.word(i), seq);
    }
    core::FrameInfo frame;
    frame.seq = seq;
    ring.driver.commit(frame);
}

TEST(HandOver, NeverBothHaveTheSlot) {
    Ring ring;
    host::MemorySlots host(*ring.ring);
    std::atomic<bool> over{false};
    Tally tally;
    std::thread reader([&] {
        proto::SlotRecord record;
        while (!over) {
            const std::uint32_t seq = proto::load_relaxed(ring.ring->shared().records[0].seq);
            if (host.hold(0, seq, 0, record) != host::HoldResult::held) {
                ++tally.moved_on;
                continue;
            }
            ++tally.held;
            look(ring, seq, tally);
            host.let_go(0);
        }
    });
    std::uint64_t refused = 0;
    std::uint32_t seq = 0;
    const std::int64_t deadline_ns = os::deadline_after(2 * os::kSecond);
    while (os::now_ns() < deadline_ns) {
        for (int i = 0; i < 1000; ++i) {
            if (ring.driver.acquire() == core::Acquired::ours) {
                publish(ring, ++seq);
            } else {
                ++refused;
            }
        }
    }
    over = true;
    reader.join();
    EXPECT_EQ(tally.broken, 0u);
    EXPECT_GT(tally.held, 0u);
    EXPECT_GT(seq, 0u);
    std::printf("published %u, refused %lu, held %lu, moved on %lu\n", seq,
                static_cast<unsigned long>(refused), static_cast<unsigned long>(tally.held),
                static_cast<unsigned long>(tally.moved_on));
}

}  // namespace
}  // namespace pf::model
