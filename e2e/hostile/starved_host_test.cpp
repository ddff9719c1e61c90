// A host that finds no memory: each allocation of the calling thread, then of the library's own
// threads, fails once in the life of a session. The caller gets an error or no frame, never an
// exception, and the process holds nothing more than before.
#include <gtest/gtest.h>

#include <pf/host/host.hpp>
#include <pf/os/clock.hpp>

#include "failing_new.hpp"
#include "honest_host.hpp"
#include "private_runtime.hpp"
#include "process_state.hpp"
#include "watched_driver.hpp"

namespace pf::hostile {
namespace {

// All that a caller does with a session, whatever comes of it. Nothing here allocates by itself.
void a_sessions_life(const host::SessionOptions& options, bool& framed) {
    auto session = host::Session::open(options);
    if (!session) {
        return;
    }
    for (int i = 0; i < 4; ++i) {
        const auto next = (*session)->next(os::deadline_after(50 * os::kMillisecond));
        framed = framed || (next && next->kind == host::NextKind::frame);
        (void)(*session)->cursor();
        if (i == 1) {
            (void)(*session)->resize({48, 32, 100});
        }
    }
}

class StarvedHost : public testing::Test {
protected:
    void sweep(Whose whose) {
        host::SessionOptions options;
        options.mode = {64, 48, 200};
        options.hw_cursor = true;
        options.attach_timeout_ns = 100 * os::kMillisecond;
        options.policy = {.max_rebuilds = 2, .budget_ns = 50 * os::kMillisecond};
        const auto warm =
            capture_whole_frames("main", [](std::uint64_t frames) { return frames > 0; });
        ASSERT_EQ(warm.error, "");
        const ProcessState before = process_state();
        constexpr std::uint32_t kMost = 5000;
        std::uint32_t nth = 1;
        bool happened = true;
        for (; nth < kMost && happened; ++nth) {
            bool framed = false;
            fail_allocation(whose, nth);
            EXPECT_NO_THROW(a_sessions_life(options, framed)) << nth;
            happened = stop_failing();
            EXPECT_TRUE(framed || happened) << nth;
        }
        std::printf("%u allocations failed, one at a time\n", nth - 2);
        const auto seen =
            capture_whole_frames("main", [](std::uint64_t frames) { return frames >= 10; });
        EXPECT_EQ(seen.error, "");
        EXPECT_EQ(settle(before, 0, os::deadline_after(30 * os::kSecond)), "");
        EXPECT_EQ(pf_fault_plan()->bad_closes, 0u);
    }
    PrivateRuntime runtime_;
    WatchedDriver driver_{"main"};
};

TEST_F(StarvedHost, TheCallersThread) {
    sweep(Whose::mine);
}

TEST_F(StarvedHost, TheLibrarysThreads) {
    sweep(Whose::others);
}

}  // namespace
}  // namespace pf::hostile
