// The hand-over of ring_extension.hpp, played by the smallest driver and host that keep its rules,
// on two threads. The pixels are plain memory: a thread sanitizer sees every unordered access.
#include <pf/proto/ring_extension.hpp>
#include <pf/proto/shared_access.hpp>
#include <pf/proto/validate.hpp>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace pf::proto {
namespace {

constexpr std::size_t kWords = 512;
constexpr std::uint32_t kGeneration = 7;

// Lets the other thread in at the places where a wrong order would show, now and then.
class Jitter {
public:
    explicit Jitter(std::uint32_t seed) : state_(seed) {}
    void operator()() {
        state_ = state_ * 1664525 + 1013904223;
        if (state_ >> 29 == 0) {
            std::this_thread::yield();
        }
    }

private:
    std::uint32_t state_;
};

// Any number of signals wake one wait.
class Event {
public:
    void signal() {
        const std::lock_guard lock(mutex_);
        signalled_ = true;
        changed_.notify_one();
    }
    // False: nobody signalled for a time in which somebody should have.
    bool wait(std::chrono::milliseconds limit) {
        std::unique_lock lock(mutex_);
        const bool woke = changed_.wait_for(lock, limit, [&] { return signalled_; });
        signalled_ = false;
        return woke;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool signalled_ = false;
};

struct Shared {
    alignas(64) SharedHeader header{};
    alignas(64) MemoryRing ring{};
    std::array<std::array<std::uint64_t, kWords>, kRingLen> pixels{};
    Event event;
};

std::uint64_t pixel_of(std::uint32_t seq, std::size_t index) {
    return (std::uint64_t{seq} << 32 | index) * 0x9E3779B97F4A7C15u;
}

class Driver {
public:
    Driver(Shared& shared, std::uint32_t slots) : shared_(shared), slots_(slots) {}

    // False: every slot is leased.
    bool publish(std::uint32_t seq) {
        const std::optional<std::uint32_t> slot = claim();
        if (!slot) {
            return false;
        }
        for (std::size_t i = 0; i < kWords; ++i) {
            if (i == kWords / 2) {
                jitter_();
            }
            shared_.pixels[*slot][i] = pixel_of(seq, i);
        }
        SlotRecord& record = shared_.ring.records[*slot];
        store_relaxed(record.seq, seq);
        store_relaxed(record.source_sequence, pixel_of(seq, 0));
        jitter_();
        store_release(record.state, kSlotPublished);
        jitter_();
        store_release(shared_.header.latest,
                      FrameToken{kGeneration, seq, static_cast<std::uint8_t>(*slot)}.pack());
        published_[*slot] = seq;
        full_fence();
        jitter_();
        if (load_acquire(shared_.ring.reader.waiting) != 0) {
            shared_.event.signal();
        }
        return true;
    }

private:
    std::optional<std::uint32_t> claim() {
        std::array<bool, kRingLen> tried{};
        for (std::uint32_t round = 0; round < slots_; ++round) {
            std::uint32_t best = slots_;
            for (std::uint32_t i = 0; i < slots_; ++i) {
                if (!tried[i] && (best == slots_ || published_[i] < published_[best])) {
                    best = i;  // never published, else the oldest: the newest comes last
                }
            }
            tried[best] = true;
            if (take(best)) {
                return best;
            }
        }
        return std::nullopt;
    }

    bool take(std::uint32_t slot) {
        std::uint32_t& state = shared_.ring.records[slot].state;
        const std::uint32_t& held = shared_.ring.leases[slot].held;
        if (load_acquire(held) != 0) {
            return false;
        }
        jitter_();
        store_relaxed(state, kSlotWriting);
        full_fence();
        jitter_();
        if (load_acquire(held) == 0) {
            return true;
        }
        store_release(state, published_[slot] != 0 ? kSlotPublished : kSlotFree);
        return false;
    }

    Shared& shared_;
    std::uint32_t slots_;
    std::array<std::uint32_t, kRingLen> published_{};  // seq, 0 = never
    Jitter jitter_{1};
};

struct Leased {
    std::uint32_t slot;
    std::uint32_t seq;
};

class Host {
public:
    Host(Shared& shared, std::uint32_t slots) : shared_(shared), slots_(slots) {}

    // nullopt: a wake-up was lost.
    std::optional<Leased> next() {
        for (;;) {
            if (const auto leased = try_lease()) {
                return leased;
            }
            jitter_();
            store_relaxed(shared_.ring.reader.waiting, 1u);
            full_fence();
            jitter_();
            if (const auto leased = try_lease()) {
                store_relaxed(shared_.ring.reader.waiting, 0u);
                return leased;
            }
            jitter_();
            const bool look_again = being_written_;
            const bool woke = shared_.event.wait(look_again ? std::chrono::milliseconds(1)
                                                            : std::chrono::milliseconds(30000));
            store_relaxed(shared_.ring.reader.waiting, 0u);
            if (!woke && !look_again) {
                return std::nullopt;
            }
        }
    }

    bool is_whole(const Leased& frame) const {
        const SlotRecord& record = shared_.ring.records[frame.slot];
        bool whole = load_relaxed(record.seq) == frame.seq &&
                     load_relaxed(record.source_sequence) == pixel_of(frame.seq, 0);
        for (std::size_t i = 0; i < kWords; ++i) {
            whole = whole && shared_.pixels[frame.slot][i] == pixel_of(frame.seq, i);
        }
        return whole;
    }

    void release(const Leased& frame) {
        held_[frame.slot] = false;
        store_release(shared_.ring.leases[frame.slot].held, 0u);
    }

private:
    std::optional<Leased> try_lease() {
        being_written_ = false;
        std::uint64_t tried = 0;
        for (;;) {
            const std::uint64_t word = load_acquire(shared_.header.latest);
            const FrameToken token = FrameToken::unpack(word);
            if (word == tried ||
                check_token(token, kGeneration, slots_, last_seq_, any_) != TokenCheck::ok) {
                return std::nullopt;
            }
            EXPECT_FALSE(held_[token.slot]);
            std::uint32_t& held = shared_.ring.leases[token.slot].held;
            jitter_();
            store_relaxed(held, 1u);
            full_fence();
            jitter_();
            const std::uint32_t state = load_acquire(shared_.ring.records[token.slot].state);
            if (state == kSlotPublished &&
                load_relaxed(shared_.ring.records[token.slot].seq) == token.seq) {
                held_[token.slot] = true;
                last_seq_ = token.seq;
                any_ = true;
                store_relaxed(shared_.ring.reader.consumed_seq, token.seq);
                return Leased{token.slot, token.seq};
            }
            store_release(held, 0u);
            being_written_ = state == kSlotWriting;
            tried = word;
        }
    }

    Shared& shared_;
    std::uint32_t slots_;
    std::array<bool, kRingLen> held_{};
    std::uint32_t last_seq_ = 0;
    bool any_ = false;
    bool being_written_ = false;
    Jitter jitter_{2};
};

struct Outcome {
    std::uint32_t taken = 0;
    std::uint32_t torn = 0;
    bool lost_wake_up = false;
};

// Takes frames until `last`, keeping up to `kept` of them leased.
Outcome consume(Shared& shared, std::uint32_t slots, std::uint32_t last, std::size_t kept) {
    Host host(shared, slots);
    Outcome outcome;
    std::vector<Leased> leases;
    for (std::uint32_t seq = 0; seq != last;) {
        const std::optional<Leased> frame = host.next();
        if (!frame) {
            outcome.lost_wake_up = true;
            break;
        }
        seq = frame->seq;
        ++outcome.taken;
        leases.push_back(*frame);
        if (leases.size() > kept) {
            const std::size_t victim = seq % leases.size();
            outcome.torn += !host.is_whole(leases[victim]);
            host.release(leases[victim]);
            leases.erase(leases.begin() + static_cast<std::ptrdiff_t>(victim));
        }
    }
    for (const Leased& frame : leases) {
        outcome.torn += !host.is_whole(frame);
        host.release(frame);
    }
    return outcome;
}

struct Shape {
    std::uint32_t slots;
    std::size_t kept;
};

class Handover : public testing::TestWithParam<Shape> {};

TEST_P(Handover, NoFrameIsTornAndTheNewestAlwaysArrives) {
    constexpr std::uint32_t kFrames = 6000;
    const auto [slots, kept] = GetParam();
    Shared shared;
    std::thread driver([&shared, slots = slots] {
        Driver producer(shared, slots);
        for (std::uint32_t seq = 1; seq <= kFrames; ++seq) {
            // A dropped frame is overtaken by the next; the last one is owed until it is out.
            while (!producer.publish(seq) && seq == kFrames) {
                std::this_thread::yield();
            }
        }
    });
    const Outcome outcome = consume(shared, slots, kFrames, kept);
    driver.join();
    EXPECT_FALSE(outcome.lost_wake_up);
    EXPECT_EQ(outcome.torn, 0u);
    EXPECT_GT(outcome.taken, 0u);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Handover,
                         testing::Values(Shape{1, 0}, Shape{2, 0}, Shape{2, 1}, Shape{3, 1},
                                         Shape{6, 0}, Shape{6, 4}, Shape{6, 5}));

TEST(WakeUp, NoneIsLostWhenEveryFrameWaitsForTheReader) {
    constexpr std::uint32_t kFrames = 4000;
    Shared shared;
    std::thread driver([&shared] {
        Driver producer(shared, kRingLen);
        for (std::uint32_t seq = 1; seq <= kFrames; ++seq) {
            while (!producer.publish(seq)) {
                std::this_thread::yield();
            }
            const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(40);
            while (load_relaxed(shared.ring.reader.consumed_seq) != seq &&
                   std::chrono::steady_clock::now() < limit) {
                std::this_thread::yield();
            }
        }
    });
    const Outcome outcome = consume(shared, kRingLen, kFrames, 0);
    driver.join();
    EXPECT_FALSE(outcome.lost_wake_up);
    EXPECT_EQ(outcome.torn, 0u);
    EXPECT_EQ(outcome.taken, kFrames);
}

}  // namespace
}  // namespace pf::proto
