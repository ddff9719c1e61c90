#include "queued_sink.hpp"

#include <atomic>
#include <new>
#include <semaphore>

#include <gtest/gtest.h>

#include "test/test_frames.hpp"

namespace pf::sinks {
namespace {

// What the sink below did, seen from the test.
struct Seen {
    std::atomic<int> pushed{0};
    std::atomic<std::int64_t> closed_at{0};
    std::atomic<std::int64_t> idle_at{0};
    std::counting_semaphore<> gate{0};  // one release lets one frame through
};

class GatedSink final : public FrameSink {
public:
    GatedSink(Seen& seen, int fail_at) : seen_(seen), fail_at_(fail_at) {}
    os::Result<void> push(const host::Frame&) override {
        seen_.gate.acquire();
        if (++seen_.pushed == fail_at_) {
            return os::fail("test", 28, os::Reaction::reject, "full");
        }
        return {};
    }
    os::Result<void> idle(std::int64_t now_ns) override {
        seen_.idle_at = now_ns;
        return {};
    }
    os::Result<void> close(std::int64_t end_ns) override {
        seen_.closed_at = end_ns;
        return {};
    }

private:
    Seen& seen_;
    int fail_at_;
};

struct Slot {
    std::shared_ptr<const void> owner = std::make_shared<int>(0);
    host::FrameView view;
    host::Frame lend() { return {owner, &view}; }
    long on_loan() const { return owner.use_count() - 1; }
};

TEST(QueuedSink, EveryFrameIsWrittenBeforeCloseReturns) {
    Seen seen;
    seen.gate.release(100);
    Slot slot;
    const auto sink = QueuedSink::start(std::make_unique<GatedSink>(seen, -1), nullptr).value();
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(sink->push(slot.lend()));
    }
    ASSERT_TRUE(sink->close(77));
    EXPECT_EQ(seen.pushed, 50);
    EXPECT_EQ(seen.closed_at, 77);
    EXPECT_EQ(slot.on_loan(), 0);
}

TEST(QueuedSink, HoldsAtMostThreeFrames) {
    Seen seen;
    Slot slot;
    const auto sink = QueuedSink::start(std::make_unique<GatedSink>(seen, -1), nullptr).value();
    std::atomic<int> accepted{0};
    std::thread pusher([&] {
        for (int i = 0; i < 10; ++i) {
            ASSERT_TRUE(sink->push(slot.lend()));
            ++accepted;
        }
    });
    for (int through = 0; through < 10; ++through) {
        EXPECT_LE(accepted, through + 3);
        seen.gate.release();
        while (seen.pushed <= through) {
            std::this_thread::yield();
        }
    }
    pusher.join();
    EXPECT_TRUE(sink->close(0));
}

TEST(QueuedSink, AnErrorComesBackAndFreesTheFrames) {
    Seen seen;
    seen.gate.release(100);
    Slot slot;
    const auto sink = QueuedSink::start(std::make_unique<GatedSink>(seen, 2), nullptr).value();
    os::Result<void> last;
    for (int i = 0; i < 100 && last; ++i) {
        last = sink->push(slot.lend());
    }
    auto closed = sink->close(0);
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, 28);
    EXPECT_EQ(seen.pushed, 2);
    EXPECT_EQ(slot.on_loan(), 0);
    EXPECT_FALSE(sink->push(slot.lend()));
}

TEST(QueuedSink, IdleReachesTheSinkWhenNothingWaits) {
    Seen seen;
    const auto sink = QueuedSink::start(std::make_unique<GatedSink>(seen, -1), nullptr).value();
    Slot slot;
    ASSERT_TRUE(sink->push(slot.lend()));
    ASSERT_TRUE(sink->idle(5)) << "a frame is in work or waits: there is something new";
    seen.gate.release();
    while (slot.on_loan() > 0) {
        std::this_thread::yield();
    }
    while (seen.idle_at == 0) {  // the thread may still be putting the frame away
        ASSERT_TRUE(sink->idle(6));
        std::this_thread::yield();
    }
    EXPECT_EQ(seen.idle_at, 6);
    EXPECT_TRUE(sink->close(0));
}

class ThrowingSink final : public FrameSink {
public:
    os::Result<void> push(const host::Frame&) override { throw std::bad_alloc(); }
    os::Result<void> idle(std::int64_t) override { return {}; }
    os::Result<void> close(std::int64_t) override { return {}; }
};

TEST(QueuedSink, WhatIsThrownOnTheThreadIsAnError) {
    const auto sink = QueuedSink::start(std::make_unique<ThrowingSink>(), nullptr).value();
    Slot slot;
    ASSERT_TRUE(sink->push(slot.lend()));
    EXPECT_FALSE(sink->close(0));
}

// A library's that is no std::exception ends the thread, and the sink with it.
class OddlyThrowingSink final : public FrameSink {
public:
    os::Result<void> push(const host::Frame&) override { throw 42; }
    os::Result<void> idle(std::int64_t) override { return {}; }
    os::Result<void> close(std::int64_t) override { return {}; }
};

TEST(QueuedSink, AThreadThatEndsIsAnErrorAndFreesTheFrames) {
    const auto sink = QueuedSink::start(std::make_unique<OddlyThrowingSink>(), nullptr).value();
    Slot slot;
    while (sink->push(slot.lend())) {
        std::this_thread::yield();
    }
    EXPECT_EQ(slot.on_loan(), 0);
    const auto closed = sink->close(0);
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().reaction, os::Reaction::bug);
}

}  // namespace
}  // namespace pf::sinks
