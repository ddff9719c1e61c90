#include <pf/rig/restart_policy.hpp>

#include <gtest/gtest.h>

namespace pf::rig {
namespace {

constexpr os::ExitStatus kKilled{false, 9, true};
constexpr os::ExitStatus kCrashed{false, 11, false};
constexpr os::ExitStatus kGaveUp{true, 3, false};
constexpr os::ExitStatus kNobodyKnows{};
constexpr std::int64_t kWhile = 100 * os::kMillisecond;  // quick, and longer than the floor

TEST(RestartPolicy, AKilledDriverComesBackAtOnceHoweverOften) {
    RestartPolicy policy({});
    for (int i = 0; i < 200; ++i) {
        const auto next = policy.ended(kKilled, kWhile);
        EXPECT_FALSE(next.give_up);
        EXPECT_EQ(next.delay_ns, 0);
    }
}

TEST(RestartPolicy, StartsAreNeverAStorm) {
    for (const auto& status : {kKilled, kCrashed, kGaveUp, kNobodyKnows}) {
        RestartLimits limits;
        limits.max_failures = UINT32_MAX;
        RestartPolicy policy(limits);
        std::int64_t spent_ns = 0;
        for (int starts = 0; starts < 1000; ++starts) {
            spent_ns += policy.ended(status, os::kMillisecond).delay_ns + os::kMillisecond;
        }
        EXPECT_GE(spent_ns, 20 * os::kSecond) << status.code;
    }
}

TEST(RestartPolicy, OneThatCannotWorkIsTriedLaterAndLaterThenNoMore) {
    for (const auto& status : {kCrashed, kGaveUp, kNobodyKnows}) {
        RestartPolicy policy({});
        EXPECT_EQ(policy.ended(status, kWhile).delay_ns, 10 * os::kMillisecond);
        EXPECT_EQ(policy.ended(status, kWhile).delay_ns, 20 * os::kMillisecond);
        EXPECT_EQ(policy.ended(status, kWhile).delay_ns, 40 * os::kMillisecond);
        EXPECT_FALSE(policy.ended(status, kWhile).give_up);
        EXPECT_TRUE(policy.ended(status, kWhile).give_up);
    }
}

TEST(RestartPolicy, ALongLifeForgives) {
    RestartPolicy policy({});
    for (int i = 0; i < 4; ++i) {
        policy.ended(kGaveUp, kWhile);
    }
    EXPECT_EQ(policy.ended(kGaveUp, os::kSecond).delay_ns, 0);
    EXPECT_EQ(policy.ended(kGaveUp, kWhile).delay_ns, 10 * os::kMillisecond);
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
}  // namespace pf::rig
