#include "device/recovery_ladder.hpp"

#include <gtest/gtest.h>

#include <random>

namespace pf::host {
namespace {

using enum os::InstanceState;
using Step = RecoveryLadder::Step;
constexpr std::int64_t kBegan = 100 * os::kSecond;

InstanceReport report(const std::string& name, os::InstanceState state, bool wedged = false) {
    InstanceReport one;
    one.instance.name = name;
    one.instance.state = state;
    one.wedged = wedged;
    return one;
}

// Looks as often as it is told to; the seconds since the loss of every restart.
std::vector<double> restarts(const std::vector<std::pair<int, DriverSight>>& sights) {
    RecoveryLadder ladder(RecoveryTimes{}, kBegan);
    std::vector<double> at;
    std::int64_t now_ns = kBegan;
    for (;;) {
        DriverSight sight = sights.front().second;
        for (const auto& [from_s, seen] : sights) {
            sight = now_ns >= kBegan + from_s * os::kSecond ? seen : sight;
        }
        const auto decision = ladder.decide(sight, now_ns);
        if (decision.step == Step::nothing_more) {
            return at;
        }
        if (decision.step == Step::restart) {
            at.push_back(static_cast<double>(now_ns - kBegan) / os::kSecond);
        } else {
            EXPECT_GT(decision.next_look_ns, now_ns);
            EXPECT_LE(decision.next_look_ns, now_ns + os::kSecond / 2);
            now_ns = decision.next_look_ns;
        }
    }
}

TEST(RecoveryLadder, TellsWhatItSees) {
    EXPECT_EQ(sight_of({}), DriverSight::absent);
    EXPECT_EQ(sight_of({report("a", stale)}), DriverSight::absent);
    EXPECT_EQ(sight_of({report("a", stale), report("b", stopped)}), DriverSight::not_ready);
    EXPECT_EQ(sight_of({report("a", active)}), DriverSight::not_ready);
    EXPECT_EQ(sight_of({report("a", active), report("b", active, true)}), DriverSight::wedged);
}

TEST(RecoveryLadder, ChoosesTheNodeToRestart) {
    EXPECT_EQ(instance_to_restart({}, ""), "");
    EXPECT_EQ(instance_to_restart({}, "b"), "b");
    EXPECT_EQ(instance_to_restart({report("a", stale), report("b", stopped)}, ""), "b");
    EXPECT_EQ(instance_to_restart({report("a", stopped), report("b", stopped)}, "b"), "b");
    EXPECT_EQ(instance_to_restart({report("a", active, true), report("b", stopped)}, "b"), "a");
}

TEST(RecoveryLadder, EachSightHasItsTime) {
    EXPECT_EQ(restarts({{0, DriverSight::not_ready}}), (std::vector<double>{15}));
    EXPECT_EQ(restarts({{0, DriverSight::absent}}), (std::vector<double>{3, 18}));
    EXPECT_EQ(restarts({{0, DriverSight::wedged}}), (std::vector<double>{0, 15}));
}

TEST(RecoveryLadder, AnotherSightBeginsItsOwnTime) {
    EXPECT_EQ(restarts({{0, DriverSight::absent}, {2, DriverSight::not_ready}}),
              (std::vector<double>{17}));
    EXPECT_EQ(restarts({{0, DriverSight::not_ready}, {10, DriverSight::wedged}}),
              (std::vector<double>{10, 25}));
    EXPECT_EQ(restarts({{0, DriverSight::not_ready}, {20, DriverSight::absent}}),
              (std::vector<double>{15}))
        << "the next would be due when the budget is spent";
}

TEST(RecoveryLadder, NothingIsRestartedBeyondTheBudgetOrTooSoonAgain) {
    std::mt19937 random(7);
    for (int run = 0; run < 1000; ++run) {
        std::vector<std::pair<int, DriverSight>> sights;
        for (int second = 0; second < 30; ++second) {
            sights.emplace_back(second, static_cast<DriverSight>(random() % 3));
        }
        const auto at = restarts(sights);
        for (std::size_t i = 0; i < at.size(); ++i) {
            EXPECT_LT(at[i], 30);
            EXPECT_TRUE(i == 0 || at[i] - at[i - 1] >= 15);
        }
    }
}

}  // namespace
}  // namespace pf::host
