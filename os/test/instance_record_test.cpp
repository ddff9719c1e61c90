#include "instance_record.hpp"

#include <gtest/gtest.h>
#include <pf/os/instance_directory.hpp>

namespace pf::os {
namespace {

InstanceRecord record_of(InstanceState state, std::string reason = "") {
    return {state, {77, 123456789}, 6, std::move(reason)};
}

TEST(InstanceRecord, RoundTrip) {
    const auto parsed = parse_record(format_record(record_of(InstanceState::failed, "no X = bad")));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->state, InstanceState::failed);
    EXPECT_EQ(parsed->driver, (ProcessIdentity{77, 123456789}));
    EXPECT_EQ(parsed->protocol, 6u);
    EXPECT_EQ(parsed->reason, "no X = bad");
    EXPECT_EQ(parsed->pid_namespace, 0u);
    InstanceRecord placed = record_of(InstanceState::active);
    placed.pid_namespace = 4026531836;
    EXPECT_EQ(parse_record(format_record(placed))->pid_namespace, 4026531836u);
}

TEST(InstanceRecord, ReasonStaysOneHarmlessLine) {
    const auto parsed =
        parse_record(format_record(record_of(InstanceState::failed, "a\nstate=active\x1b[31m")));
    EXPECT_EQ(parsed->state, InstanceState::failed);
    EXPECT_EQ(parsed->reason, "a state=active [31m");
}

TEST(InstanceRecord, NonsenseIsNotUnderstood) {
    EXPECT_FALSE(parse_record(""));
    EXPECT_FALSE(parse_record("pid=1\n"));
    EXPECT_FALSE(parse_record("state=stale\n"));
    EXPECT_FALSE(parse_record("state=whatever\n"));
    EXPECT_FALSE(parse_record(std::string_view("\0\xff=\n==\n\n", 8)));
    const auto odd = parse_record("future=1\nstate=active\npid=-1\nstart=99999999999999999999\n=");
    ASSERT_TRUE(odd);
    EXPECT_EQ(odd->driver, ProcessIdentity{});
}

TEST(InstanceRecord, OnlyALivingHolderOfTheLockIsActive) {
    InstanceFacts facts{record_of(InstanceState::active), Seen::yes, Seen::yes};
    EXPECT_EQ(judge_instance("a", facts).state, InstanceState::active);
    EXPECT_EQ(judge_instance("a", facts).pid, 77u);
    EXPECT_EQ(judge_instance("a", facts).reason, "");
    facts.locked = Seen::no;
    EXPECT_EQ(judge_instance("a", facts).reason,
              "driver process 77 does not hold the instance's lock");
    facts.driver_lives = Seen::no;
    EXPECT_EQ(judge_instance("a", facts).state, InstanceState::stale);
    EXPECT_EQ(judge_instance("a", facts).reason, "driver process 77 is gone");
    EXPECT_EQ(judge_instance("a", facts).pid, 0u);
    facts.locked = Seen::yes;
    EXPECT_EQ(judge_instance("a", facts).reason,
              "driver process 77 is gone; another one is starting");
    facts.record.reset();
    EXPECT_EQ(judge_instance("a", facts).reason, "its driver process is starting");
    facts.locked = Seen::no;
    EXPECT_EQ(judge_instance("a", facts).reason, "no readable state file");
}

TEST(InstanceRecord, AnActiveOneNamesItsDisplay) {
    InstanceRecord record = record_of(InstanceState::active);
    record.display = ":40";
    record.xauthority = "/run/a b=c";
    const auto parsed = parse_record(format_record(record));
    ASSERT_TRUE(parsed);
    const Instance seen = judge_instance("a", {*parsed, Seen::yes, Seen::yes});
    EXPECT_EQ(seen.display, ":40");
    EXPECT_EQ(seen.xauthority, "/run/a b=c");
    EXPECT_EQ(judge_instance("a", {*parsed, Seen::yes, Seen::no}).display, "") << "nobody is there";
}

TEST(InstanceRecord, AnActiveOneMaySayWhatItCannotDoNow) {
    const InstanceFacts facts{record_of(InstanceState::active, "X is silent"), Seen::yes,
                              Seen::yes};
    EXPECT_EQ(judge_instance("a", facts).state, InstanceState::active);
    EXPECT_EQ(judge_instance("a", facts).reason, "X is silent");
}

TEST(InstanceRecord, AStartingOneSaysWhatItWaitsFor) {
    InstanceFacts facts{record_of(InstanceState::starting, "X is silent"), Seen::yes, Seen::yes};
    EXPECT_EQ(judge_instance("a", facts).state, InstanceState::starting);
    EXPECT_EQ(judge_instance("a", facts).reason, "X is silent");
    facts.driver_lives = Seen::no;
    facts.locked = Seen::no;
    EXPECT_EQ(judge_instance("a", facts).state, InstanceState::stale);
    EXPECT_EQ(judge_instance("a", facts).reason, "driver process 77 is gone");
}

TEST(DisplayEnvironment, IsWhatAShellTakes) {
    EXPECT_EQ(display_environment(":40", ""), "DISPLAY=:40");
    EXPECT_EQ(display_environment(":40", "/run/user/0/x"), "DISPLAY=:40 XAUTHORITY=/run/user/0/x");
    EXPECT_EQ(display_environment(":40", "/a b/it's"), "DISPLAY=:40 XAUTHORITY='/a b/it'\\''s'");
}

TEST(InstanceRecord, WhatCannotBeToldIsNotSaidToBeGone) {
    InstanceFacts facts{record_of(InstanceState::active), Seen::yes, Seen::unknown};
    EXPECT_EQ(judge_instance("a", facts).state, InstanceState::active) << "the lock decides";
    EXPECT_EQ(judge_instance("a", facts).pid, 0u) << "its number may be a stranger's here";
    facts.locked = Seen::unknown;
    EXPECT_EQ(judge_instance("a", facts).state, InstanceState::active) << "opening it will tell";
    facts.driver_lives = Seen::yes;
    EXPECT_EQ(judge_instance("a", facts).state, InstanceState::active);
    facts.driver_lives = Seen::no;
    EXPECT_EQ(judge_instance("a", facts).state, InstanceState::stale);
    facts = {record_of(InstanceState::active), Seen::no, Seen::unknown};
    const Instance gone = judge_instance("a", facts);
    EXPECT_EQ(gone.state, InstanceState::stale);
    EXPECT_EQ(gone.pid, 0u);
    EXPECT_EQ(gone.reason, "its driver is gone: no process holds the instance's lock");
}

TEST(InstanceRecord, FailedAndStoppedKeepTheirReason) {
    EXPECT_EQ(
        judge_instance("a", {record_of(InstanceState::failed, "no Xorg"), Seen::yes, Seen::yes})
            .reason,
        "no Xorg");
    const Instance stopped =
        judge_instance("a", {record_of(InstanceState::stopped), Seen::no, Seen::no});
    EXPECT_EQ(stopped.state, InstanceState::stopped);
    EXPECT_EQ(stopped.reason, "stopped");
}

}  // namespace
}  // namespace pf::os
