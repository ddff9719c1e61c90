#include "queued_sink.hpp"

#include <atomic>
#include <semaphore>

#include <gtest/gtest.h>

#include "test/test_frames.hpp"

namespace pf::sinks {
namespace {

// What the sink below did, seen from the test.
struct Seen {
    std::atomic<int> pushed{0};
    std::atomic<std::int64_t> closed_at{0};
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
    QueuedSink sink(std::make_unique<GatedSink>(seen, -1));
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(sink.push(slot.lend()));
    }
    ASSERT_TRUE(sink.close(77));
    EXPECT_EQ(seen.pushed, 50);
    EXPECT_EQ(seen.closed_at, 77);
    EXPECT_EQ(slot.on_loan(), 0);
}

TEST(QueuedSink, HoldsAtMostThreeFrames) {
    Seen seen;
    Slot slot;
    QueuedSink sink(std::make_unique<GatedSink>(seen, -1));
    std::atomic<int> accepted{0};
    std::thread pusher([&] {
        for (int i = 0; i < 10; ++i) {
            ASSERT_TRUE(sink.push(slot.lend()));
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
    EXPECT_TRUE(sink.close(0));
}

TEST(QueuedSink, AnErrorComesBackAndFreesTheFrames) {
    Seen seen;
    seen.gate.release(100);
    Slot slot;
    QueuedSink sink(std::make_unique<GatedSink>(seen, 2));
    os::Result<void> last;
    for (int i = 0; i < 100 && last; ++i) {
        last = sink.push(slot.lend());
    }
    auto closed = sink.close(0);
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, 28);
    EXPECT_EQ(seen.pushed, 2);
    EXPECT_EQ(slot.on_loan(), 0);
    EXPECT_FALSE(sink.push(slot.lend()));
}

}  // namespace
}  // namespace pf::sinks
