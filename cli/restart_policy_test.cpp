#include "restart_policy.hpp"

#include <gtest/gtest.h>

namespace pf::cli {
namespace {

constexpr os::ExitStatus kKilled{false, 9};
constexpr os::ExitStatus kGaveUp{true, 3};

TEST(RestartPolicy, AKilledDriverComesBackAtOnceHoweverOften) {
    RestartPolicy policy({});
    for (int i = 0; i < 200; ++i) {
        const auto next = policy.ended(kKilled, os::kMillisecond);
        EXPECT_FALSE(next.give_up);
        EXPECT_EQ(next.delay_ns, 0);
    }
}

TEST(RestartPolicy, OneThatCannotWorkIsTriedLaterAndLaterThenNoMore) {
    RestartPolicy policy({});
    EXPECT_EQ(policy.ended(kGaveUp, os::kMillisecond).delay_ns, 10 * os::kMillisecond);
    EXPECT_EQ(policy.ended(kGaveUp, os::kMillisecond).delay_ns, 20 * os::kMillisecond);
    EXPECT_EQ(policy.ended(kGaveUp, os::kMillisecond).delay_ns, 40 * os::kMillisecond);
    EXPECT_FALSE(policy.ended(kGaveUp, os::kMillisecond).give_up);
    EXPECT_TRUE(policy.ended(kGaveUp, os::kMillisecond).give_up);
}

TEST(RestartPolicy, ALongLifeForgives) {
    RestartPolicy policy({});
    for (int i = 0; i < 4; ++i) {
        policy.ended(kGaveUp, 0);
    }
    EXPECT_EQ(policy.ended(kGaveUp, os::kSecond).delay_ns, 0);
    EXPECT_EQ(policy.ended(kGaveUp, 0).delay_ns, 10 * os::kMillisecond);
}

TEST(RestartPolicy, TheDelayHasALimit) {
    RestartLimits limits;
    limits.max_failures = 100;
    RestartPolicy policy(limits);
    RestartDecision last;
    for (int i = 0; i < 50; ++i) {
        last = policy.ended(kGaveUp, 0);
    }
    EXPECT_EQ(last.delay_ns, limits.max_backoff_ns);
}

}  // namespace
}  // namespace pf::cli
