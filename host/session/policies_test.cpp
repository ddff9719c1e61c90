#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pf/host/errors.hpp>
#include <pf/os/device_channel.hpp>
#include <pf/proto/frame.hpp>

#include "session/attach_verdict.hpp"
#include "session/liveness.hpp"
#include "session/option_check.hpp"
#include "session/rebuild_policy.hpp"
#include "want_of_memory.hpp"

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

TEST(RebuildPolicy, AnyTimeMayBeForEver) {
    RebuildPolicy policy;
    policy.budget_ns = policy.max_backoff_ns = INT64_MAX;
    const RebuildProgress progress{.noticed_ns = 1000 * os::kSecond, .failed_attempts = 200};
    const std::int64_t now_ns = 1001 * os::kSecond;
    const auto next = [&](AttemptFailure failure) {
        return next_attempt(policy, progress, failure, now_ns);
    };
    EXPECT_FALSE(next(AttemptFailure::failed).give_up);
    EXPECT_EQ(next(AttemptFailure::failed).at_ns, INT64_MAX);
    EXPECT_FALSE(next(AttemptFailure::no_driver).give_up);
    EXPECT_GT(next(AttemptFailure::no_driver).at_ns, now_ns) << "no hot loop";
    EXPECT_FALSE(any_instance_will_do(policy, now_ns));
    LivenessFacts facts;
    facts.now_ns = now_ns;
    facts.unresponsive_after_ns = INT64_MAX;
    facts.has_heartbeat = true;
    EXPECT_EQ(liveness(facts), Liveness::alive);
}

TEST(WantOfMemory, WhatTheStandardLibraryThrowsIsAnErrorForTheCaller) {
    const auto open = [](auto thrown) {
        return told_without_memory("open", [&]() -> os::Result<int> { throw thrown; });
    };
    const auto no_thread =
        open(std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again)));
    EXPECT_EQ(no_thread.error().reaction, os::Reaction::retry);
    EXPECT_EQ(open(std::bad_alloc()).error().detail, "no memory");
    despite_want_of_memory([] { throw std::runtime_error("no random numbers"); });
}

SessionOptions good_options() {
    SessionOptions options;
    options.mode = {640, 480, 60};
    return options;
}

template <typename Change>
void expect_refused(os::Reaction reaction, const char* named, Change change) {
    SessionOptions options = good_options();
    change(options);
    const auto checked = check_options(options);
    ASSERT_FALSE(checked) << named;
    EXPECT_EQ(checked.error().reaction, reaction) << named;
    EXPECT_THAT(checked.error().detail, HasSubstr(named));
}

TEST(Options, ThoseOutOfRangeAreNamed) {
    EXPECT_TRUE(check_options(good_options()));
    const auto rejects = os::Reaction::reject, is_bug = os::Reaction::bug;
    expect_refused(rejects, "mode", [](auto& o) { o.mode.width = 0; });
    expect_refused(rejects, "mode", [](auto& o) { o.mode.refresh_hz = 1001; });
    expect_refused(rejects, "refresh_millihertz",
                   [](auto& o) { o.mode.refresh_millihertz = 59'940 + 1000; });
    expect_refused(rejects, "mode", [](auto& o) { o.mode = Mode::exact(640, 480, 999); });
    expect_refused(rejects, "client_id", [](auto& o) { o.client_id = 16; });
    expect_refused(rejects, "format", [](auto& o) { o.format = PixelFormat{99}; });
    expect_refused(is_bug, "attach_timeout_ns", [](auto& o) { o.attach_timeout_ns = 0; });
    expect_refused(is_bug, "unresponsive_after_ns", [](auto& o) { o.unresponsive_after_ns = -1; });
    expect_refused(is_bug, "policy.budget_ns", [](auto& o) { o.policy.budget_ns = -1; });
    expect_refused(is_bug, "policy.forgive_ns", [](auto& o) { o.policy.forgive_ns = 0; });
    expect_refused(is_bug, "first_backoff_ns", [](auto& o) { o.policy.first_backoff_ns = 0; });
    expect_refused(is_bug, "max_backoff_ns", [](auto& o) { o.policy.max_backoff_ns = 1; });
    EXPECT_TRUE(check_options(DisplaysOptions{}));
    EXPECT_EQ(check_options(DisplaysOptions{.instance = "", .linger_ns = -1}).error().reaction,
              os::Reaction::bug);
}

TEST(RebuildPolicy, CountsInARow) {
    const RebuildPolicy policy{.max_rebuilds = 5, .forgive_ns = os::kSecond};
    EXPECT_TRUE(may_rebuild(policy, {4, 0}));
    EXPECT_FALSE(may_rebuild(policy, {5, 0}));
    const RebuildCount later = forgive(policy, {5, 0}, 2 * os::kSecond + 7);
    EXPECT_EQ(later.used, 3u);
    EXPECT_EQ(later.forgiven_ns, 2 * os::kSecond) << "the rest of the time counts the next time";
    EXPECT_EQ(forgive(policy, {5, 0}, 60 * os::kSecond).used, 0u);
    EXPECT_EQ(forgive(policy, {}, 60 * os::kSecond).forgiven_ns, 60 * os::kSecond)
        << "no time is saved up";
}

// Of drivers that die every so often, for an hour.
TEST(RebuildPolicy, ALongLivedHostForgivesByTime) {
    const auto survives = [](std::int64_t every_ns) {
        const RebuildPolicy policy;
        RebuildCount count;
        for (std::int64_t now_ns = 0; now_ns < 3600 * os::kSecond; now_ns += every_ns) {
            count = forgive(policy, count, now_ns);
            if (!may_rebuild(policy, count)) {
                return false;
            }
            ++count.used;
        }
        return true;
    };
    EXPECT_TRUE(survives(5 * os::kSecond));
    EXPECT_TRUE(survives(os::kSecond));
    EXPECT_FALSE(survives(50 * os::kMillisecond));
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
    watch.observe(5, 20);
    EXPECT_TRUE(watch.beats());
    watch.observe(5, 30);
    EXPECT_EQ(watch.seen_ns(), 20);
    watch.observe(4, 40);
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

TEST(AttachVerdict, TheDriversOwnWordsComeFirst) {
    EXPECT_THAT(attach_failure(proto::kDriverStatusTextureFail, 7, "rgb10 is not to be had"),
                HasSubstr("(detail 7): rgb10 is not to be had"));
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

TEST(ModeText, SaysTheExactRateWithAsFewDigitsAsItTakes) {
    struct Row {
        const char* text;
        std::uint32_t hz, millihertz;
        const char* shortest;
    };
    for (const Row& row : {Row{"1920x1080@59.94", 60, 59940, "1920x1080@59.94"},
                           {"1920x1080@59.940", 60, 59940, "1920x1080@59.94"},
                           {"1920x1080@23.976", 24, 23976, "1920x1080@23.976"},
                           {"1920x1080@60", 60, 60000, "1920x1080@60"},
                           {"1920x1080@60.0", 60, 60000, "1920x1080@60"},
                           {"1920x1080@60.005", 60, 60005, "1920x1080@60.005"},
                           {"1920x1080@60.5", 61, 60500, "1920x1080@60.5"},
                           {"1920x1080@1000.000", 1000, 1'000'000, "1920x1080@1000"},
                           {"1920x1080@1", 1, 1000, "1920x1080@1"}}) {
        const auto mode = parse_mode(row.text);
        ASSERT_TRUE(mode) << row.text;
        EXPECT_EQ(mode->refresh_hz, row.hz) << row.text;
        EXPECT_EQ(mode->millihertz(), row.millihertz) << row.text;
        EXPECT_EQ(to_string(*mode), row.shortest);
        EXPECT_EQ(parse_mode(row.shortest), mode);
    }
    EXPECT_NE(parse_mode("1920x1080@59.94"), parse_mode("1920x1080@60"));
    EXPECT_EQ((Mode{1920, 1080, 60}), (Mode{1920, 1080, 60, 60'000}));
}

TEST(ModeText, RoundTrips) {
    EXPECT_EQ(parse_mode("2560x1440@120"), (Mode{2560, 1440, 120}));
    EXPECT_EQ(parse_mode("1X1@1"), (Mode{1, 1, 1}));
    EXPECT_EQ(to_string(Mode{16384, 16384, 1000}), "16384x16384@1000");
    for (const char* bad : {"",
                            "x",
                            "0x0@0",
                            "99999x1@5000",
                            "1920x1080",
                            "1920x1080@",
                            "@60",
                            "1920x1080@60 ",
                            " 1920x1080@60",
                            "-1x1@1",
                            "1x1@1x",
                            "+1x1@1",
                            "99999999999x1@1",
                            "1920*1080@60",
                            "1x16385@1",
                            "1x1@1001",
                            "1920x1080@59.94i",
                            "1920x1080@59.",
                            "1920x1080@.5",
                            "1920x1080@59.9401",
                            "1x1@0.999",
                            "1x1@1000.001",
                            "1x1@4294967296.1",
                            "1920x1080@59,94",
                            "1920x1080@59.-4",
                            "1920x1080@59.9.4"}) {
        EXPECT_FALSE(parse_mode(bad)) << bad;
    }
}

}  // namespace
}  // namespace pf::host
