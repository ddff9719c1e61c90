#include "turn.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "test_support.hpp"

namespace pf::os {
namespace {

TEST(Turn, OneAtATime) {
    Turn turn;
    int unguarded = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < 500; ++k) {
                const Turn::Hold hold = turn.take(kNever);
                ++unguarded;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(unguarded, 2000);
}

TEST(Turn, WaitingForItHasADeadline) {
    Turn turn;
    {
        const Turn::Hold hold = turn.take(0);
        EXPECT_TRUE(hold);
        EXPECT_FALSE(turn.take(0));
        EXPECT_FALSE(turn.take(deadline_after(5 * kMillisecond)));
    }
    EXPECT_TRUE(turn.take(0));
}

}  // namespace
}  // namespace pf::os
