#include "fault_desk.hpp"

#include <gtest/gtest.h>

#include <array>

#include <pf/proto/control.hpp>

namespace pf::driver {
namespace {

using Way = FaultDesk::Verdict::Way;

TEST(FaultDesk, ServesWhatNoFaultMeets) {
    FaultDesk desk;
    desk.set({proto::kIoctlAdd, wdmsim::kRefuse, proto::kStatusNotFound, 0});
    EXPECT_EQ(desk.judge(1, proto::kIoctlPing).way, Way::serve);
}

TEST(FaultDesk, MeetsAsManyRequestsAsItIsSetFor) {
    FaultDesk desk;
    desk.set({proto::kIoctlAdd, wdmsim::kRefuse, proto::kStatusNotSupported, 2});
    for (RequestNumber number = 1; number <= 2; ++number) {
        const auto verdict = desk.judge(number, proto::kIoctlAdd);
        EXPECT_EQ(verdict.way, Way::refuse);
        EXPECT_EQ(verdict.status, proto::kStatusNotSupported);
    }
    EXPECT_EQ(desk.judge(3, proto::kIoctlAdd).way, Way::serve);
}

TEST(FaultDesk, HoldsUntilItIsTakenBack) {
    FaultDesk desk;
    desk.set({proto::kIoctlPing, wdmsim::kNeverAnswer, 0, 0});
    EXPECT_EQ(desk.judge(1, proto::kIoctlPing).way, Way::swallow);
    EXPECT_EQ(desk.judge(2, proto::kIoctlPing).way, Way::swallow);
    desk.set({proto::kIoctlPing, wdmsim::kNoFault, 0, 0});
    EXPECT_EQ(desk.judge(3, proto::kIoctlPing).way, Way::serve);
}

TEST(FaultDesk, CutsAReplyOfTheRequestThatItMet) {
    FaultDesk desk;
    desk.set({proto::kIoctlAdd, wdmsim::kShortReply, 7, 1});
    EXPECT_EQ(desk.judge(1, proto::kIoctlAdd).way, Way::serve);
    EXPECT_EQ(desk.judge(2, proto::kIoctlAdd).way, Way::serve);
    std::array<std::byte, 24> reply{};
    EXPECT_EQ(desk.alter(2, reply).bytes, 24U);
    EXPECT_EQ(desk.alter(1, reply).bytes, 7U);
}

TEST(FaultDesk, DiesBeforeOrAfterARequestIsServed) {
    FaultDesk desk;
    desk.set({proto::kIoctlAdd, wdmsim::kDieUnserved, 0, 1});
    EXPECT_EQ(desk.judge(1, proto::kIoctlAdd).way, Way::die);
    desk.set({proto::kIoctlAdd, wdmsim::kDieServed, 0, 1});
    EXPECT_EQ(desk.judge(2, proto::kIoctlAdd).way, Way::serve);
    std::array<std::byte, 24> reply{};
    EXPECT_TRUE(desk.alter(2, reply).die);
    EXPECT_FALSE(desk.alter(2, reply).die);
}

TEST(FaultDesk, TellsAnotherVersion) {
    FaultDesk desk;
    desk.set_reported_version(9);
    EXPECT_EQ(desk.judge(1, proto::kIoctlGetInfo).way, Way::serve);
    proto::InfoReply reply{6, 10};
    EXPECT_EQ(desk.alter(1, std::as_writable_bytes(std::span(&reply, 1))).bytes, sizeof reply);
    EXPECT_EQ(reply.protocol_version, 9U);
    EXPECT_EQ(reply.watchdog_timeout_s, 10U);
}

}  // namespace
}  // namespace pf::driver
