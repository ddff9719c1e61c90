#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pf/host/errors.hpp>
#include <pf/os/device_channel.hpp>
#include <pf/proto/frame.hpp>

#include "session/attach_verdict.hpp"
#include "session/liveness.hpp"
#include "session/rebuild_policy.hpp"

namespace pf::host {
namespace {

using testing::HasSubstr;

TEST(RebuildPolicy, BacksOffFromFiftyMillisecondsUpToTwoSeconds) {
    const RebuildPolicy policy;
    EXPECT_EQ(backoff_ns(policy, 1), 50 * os::kMillisecond);
    EXPECT_EQ(backoff_ns(policy, 2), 100 * os::kMillisecond);
    EXPECT_EQ(backoff_ns(policy, 4), 400 * os::kMillisecond);
    EXPECT_EQ(backoff_ns(policy, 7), 2 * os::kSecond);
    EXPECT_EQ(backoff_ns(policy, 4000000000u), 2 * os::kSecond);
}

TEST(RebuildPolicy, LooksOftenForADriverThatIsNotThereYet) {
    const RebuildPolicy policy;
    const RebuildProgress progress{.noticed_ns = 1000};
    const auto next = [&](std::int64_t now_ns) {
        return next_attempt(policy, progress, AttemptFailure::no_driver, now_ns).at_ns - now_ns;
    };
    EXPECT_LE(next(1000), 10 * os::kMillisecond);
    EXPECT_LE(next(1000 + os::kSecond), 10 * os::kMillisecond);
    EXPECT_EQ(next(1000 + 5 * os::kSecond), 50 * os::kMillisecond);
    EXPECT_EQ(next(1000 + 20 * os::kSecond), 250 * os::kMillisecond);
}

TEST(RebuildPolicy, GivesUpWithTheBudget) {
    const RebuildPolicy policy;
    const RebuildProgress progress{.noticed_ns = 0, .failed_attempts = 30};
    const auto failed = AttemptFailure::failed;
    EXPECT_FALSE(next_attempt(policy, progress, failed, policy.budget_ns - 1).give_up);
    EXPECT_EQ(next_attempt(policy, progress, failed, policy.budget_ns - 1).at_ns, policy.budget_ns);
    EXPECT_TRUE(next_attempt(policy, progress, failed, policy.budget_ns).give_up);
    EXPECT_TRUE(next_attempt(policy, progress, AttemptFailure::final, 1).give_up);
}

TEST(RebuildPolicy, CountsInARow) {
    const RebuildPolicy policy;
    EXPECT_TRUE(may_rebuild(policy, 4));
    EXPECT_FALSE(may_rebuild(policy, 5));
    EXPECT_EQ(rebuilds_in_a_row(4, 0, 59 * os::kSecond), 4u);
    EXPECT_EQ(rebuilds_in_a_row(4, 0, 60 * os::kSecond), 0u);
}

TEST(RebuildPolicy, AnotherInstanceOnlyAfterAQuarterOfTheBudget) {
    const RebuildPolicy policy;
    EXPECT_FALSE(any_instance_will_do(policy, 9 * os::kSecond));
    EXPECT_TRUE(any_instance_will_do(policy, 10 * os::kSecond));
}

LivenessFacts beating(std::int64_t still_ns) {
    const std::int64_t now_ns = 100 * os::kSecond;
    return {.now_ns = now_ns,
            .unresponsive_after_ns = 2 * os::kSecond,
            .has_heartbeat = true,
            .heartbeat_seen_ns = now_ns - still_ns,
            .last_answer_ns = now_ns - still_ns,
            .failing_since_ns = 0};
}

TEST(Liveness, AHeartbeatIsEnough) {
    EXPECT_EQ(liveness(beating(0)), Liveness::alive);
    EXPECT_EQ(liveness(beating(999 * os::kMillisecond)), Liveness::alive);
}

TEST(Liveness, WithoutOneAndWithoutAnAnswerItIsStopped) {
    EXPECT_EQ(liveness(beating(os::kSecond)), Liveness::doubtful);
    EXPECT_EQ(liveness(beating(1999 * os::kMillisecond)), Liveness::doubtful);
    EXPECT_EQ(liveness(beating(2 * os::kSecond)), Liveness::unresponsive);
}

TEST(Liveness, ADriverThatAnswersGetsTimeForItsLoop) {
    LivenessFacts facts = beating(3 * os::kSecond);
    facts.last_answer_ns = facts.now_ns - os::kSecond;
    EXPECT_EQ(liveness(facts), Liveness::doubtful);
    facts.heartbeat_seen_ns = facts.now_ns - 6 * os::kSecond;
    EXPECT_EQ(liveness(facts), Liveness::loop_stuck);
    facts.last_answer_ns = facts.now_ns - 3 * os::kSecond;
    EXPECT_EQ(liveness(facts), Liveness::unresponsive);
}

TEST(Liveness, WithoutAnyHeartbeatThePingsDecide) {
    LivenessFacts facts = beating(1000 * os::kSecond);
    facts.has_heartbeat = false;
    EXPECT_EQ(liveness(facts), Liveness::alive);
    facts.failing_since_ns = facts.now_ns - os::kSecond;
    EXPECT_EQ(liveness(facts), Liveness::alive);
    facts.failing_since_ns = facts.now_ns - 2 * os::kSecond;
    EXPECT_EQ(liveness(facts), Liveness::unresponsive);
}

TEST(Liveness, TheWatchSeesChangesOnly) {
    HeartbeatWatch watch;
    watch.restart(10);
    EXPECT_FALSE(watch.beats());
    watch.look(5, 20);
    EXPECT_TRUE(watch.beats());
    watch.look(5, 30);
    EXPECT_EQ(watch.seen_ns(), 20);
    watch.look(4, 40);
    EXPECT_EQ(watch.seen_ns(), 40);
}

TEST(AttachVerdict, EveryStatusHasItsLine) {
    EXPECT_EQ(attach_state(proto::kDriverStatusNone), AttachState::waiting);
    EXPECT_EQ(attach_state(proto::kDriverStatusOpened), AttachState::opened);
    for (const std::uint32_t status : {2u, 3u, 4u, 5u, 0xFFFFFFFFu}) {
        EXPECT_EQ(attach_state(status), AttachState::failed);
        EXPECT_THAT(attach_failure(status, 77), HasSubstr("detail 77"));
    }
}

TEST(AttachVerdict, ATimeoutNamesItsCause) {
    EXPECT_THAT(attach_timeout(0), HasSubstr("never opened"));
    EXPECT_THAT(attach_timeout(proto::pack_opened_detail(0, 0)), HasSubstr("nothing was composed"));
    EXPECT_THAT(attach_timeout(proto::pack_opened_detail(9, 9)), HasSubstr("all 9 frames"));
    EXPECT_THAT(attach_timeout(proto::pack_opened_detail(9, 8)), HasSubstr("published none"));
    EXPECT_TRUE(every_frame_mismatched(proto::pack_opened_detail(0xFFFF, 0xFFFF)));
    EXPECT_FALSE(every_frame_mismatched(0));
}

TEST(Errors, EachKindIsToldApart) {
    const auto of = [](std::int64_t code, os::Reaction reaction) {
        return kind(os::Error{"x", code, reaction, ""});
    };
    EXPECT_EQ(of(kNoDriver, os::Reaction::reopen), ErrorKind::no_driver);
    EXPECT_EQ(of(kProtocolMismatch, os::Reaction::fallback), ErrorKind::protocol_mismatch);
    EXPECT_EQ(of(kDriverLost, os::Reaction::retry), ErrorKind::driver_lost);
    EXPECT_EQ(of(32, os::Reaction::reopen), ErrorKind::driver_lost);
    EXPECT_EQ(of(0xC000000D, os::Reaction::reject), ErrorKind::refused);
    EXPECT_EQ(of(os::DeviceChannel::kTimeout, os::Reaction::retry), ErrorKind::timeout);
    EXPECT_EQ(of(24, os::Reaction::retry), ErrorKind::internal);
}

TEST(ModeText, RoundTrips) {
    EXPECT_EQ(parse_mode("2560x1440@120"), (Mode{2560, 1440, 120}));
    EXPECT_EQ(parse_mode("1X1@1"), (Mode{1, 1, 1}));
    EXPECT_EQ(to_string(Mode{16384, 16384, 1000}), "16384x16384@1000");
    for (const char* bad : {"", "x", "0x0@0", "99999x1@5000", "1920x1080", "1920x1080@", "@60",
                            "1920x1080@60 ", " 1920x1080@60", "-1x1@1", "1x1@1x", "+1x1@1",
                            "99999999999x1@1", "1920*1080@60", "1x16385@1", "1x1@1001"}) {
        EXPECT_FALSE(parse_mode(bad)) << bad;
    }
}

}  // namespace
}  // namespace pf::host
