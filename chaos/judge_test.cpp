#include "judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pf/os/clock.hpp>

namespace pf::chaos {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kMs = os::kMillisecond;
constexpr std::int64_t kBudget = 1000 * kMs;

HostEvent opened(std::int64_t at_ms, const std::string& monitor) {
    return {HostEventKind::opened, at_ms * kMs, 0, 0, 1, monitor, ""};
}
HostEvent frame(std::int64_t at_ms, std::int64_t published_ms) {
    return {HostEventKind::frame, at_ms * kMs, published_ms * kMs, 0, 1, "", ""};
}
HostEvent rebuilt(std::int64_t at_ms, std::int64_t noticed_ms, const std::string& why) {
    return {HostEventKind::rebuilt, at_ms * kMs, 0, noticed_ms * kMs, 1, "1: new", why};
}

class ChaosJudgeTest : public testing::Test {
protected:
    ChaosJudgeTest() {
        for (std::size_t host : {0u, 1u}) {
            judge_.host_started(host, 10 * kMs);
            judge_.take(host, opened(11, host == 0 ? "1: a" : "2: b"));
            judge_.take(host, frame(13, 12));
        }
    }
    void kill(std::uint32_t number, std::int64_t begun_ms, std::int64_t over_ms) {
        Fault fault;
        fault.number = number;
        fault.kind = FaultKind::driver_kill;
        judge_.begin(fault, begun_ms * kMs);
        judge_.over(begun_ms * kMs, over_ms * kMs);
    }
    const KindCounts& counts() const {
        return judge_.kinds()[static_cast<std::size_t>(FaultKind::driver_kill)];
    }
    Judge judge_{2, kBudget};
};

TEST_F(ChaosJudgeTest, AHostOwesAFrameFromItsStart) {
    EXPECT_TRUE(judge_.recovered());
    judge_.host_started(1, 100 * kMs);
    EXPECT_FALSE(judge_.recovered());
    judge_.look(1100 * kMs);
    EXPECT_THAT(judge_.violations(), IsEmpty());
    judge_.take(1, {HostEventKind::waiting, 0, 0, 0, 0, "", "nobody there"});
    judge_.look(1101 * kMs);
    EXPECT_THAT(judge_.violations(), ElementsAre("before any fault: host 1: no fresh frame within "
                                                 "1.0 s; last: nobody there"));
}

TEST_F(ChaosJudgeTest, OnlyAFramePublishedAfterTheFaultIsFresh) {
    kill(1, 100, 102);
    judge_.take(0, frame(103, 101));
    judge_.take(1, frame(150, 140));
    EXPECT_FALSE(judge_.recovered());
    judge_.take(0, frame(160, 102));
    EXPECT_TRUE(judge_.recovered());
    EXPECT_EQ(counts().injected, 1u);
    EXPECT_EQ(counts().recovery_ms.count(), 2u);
    EXPECT_DOUBLE_EQ(counts().recovery_ms.percentiles().max, 60);
}

TEST_F(ChaosJudgeTest, AMissedBudgetNamesTheFaultOnce) {
    kill(17, 100, 100);
    judge_.take(0, frame(120, 110));
    judge_.look(1100 * kMs);
    EXPECT_THAT(judge_.violations(), IsEmpty());
    judge_.look(1101 * kMs);
    judge_.look(1102 * kMs);
    EXPECT_THAT(judge_.violations(),
                ElementsAre("fault 17 (driver_kill): host 1: no fresh frame within 1.0 s"));
}

TEST_F(ChaosJudgeTest, NoDeadlineRunsWhileAFaultLasts) {
    kill(1, 100, 100);
    Fault stop;
    stop.number = 2;
    stop.kind = FaultKind::driver_stop;
    judge_.begin(stop, 200 * kMs);
    judge_.look(5000 * kMs);
    EXPECT_THAT(judge_.violations(), IsEmpty());
    judge_.over(5000 * kMs, 5000 * kMs);
    judge_.look(6001 * kMs);
    EXPECT_EQ(judge_.violations().size(), 2u);
}

TEST_F(ChaosJudgeTest, AnOvertakenFaultIsNotMeasured) {
    kill(1, 100, 100);
    kill(2, 150, 150);
    judge_.take(0, frame(155, 140));
    EXPECT_EQ(counts().recovery_ms.count(), 0u);
    judge_.take(0, frame(170, 160));
    EXPECT_DOUBLE_EQ(counts().recovery_ms.percentiles().max, 20);
}

TEST_F(ChaosJudgeTest, NoticeIsOfTheFirstRebuildAfterTheFault) {
    kill(1, 100, 100);
    judge_.take(0, rebuilt(100, 99, "mode changed"));
    judge_.take(0, rebuilt(130, 104, "driver died"));
    judge_.take(0, rebuilt(160, 150, "ring lost"));
    EXPECT_EQ(counts().notice_ms.count(), 1u);
    EXPECT_DOUBLE_EQ(counts().notice_ms.percentiles().max, 4);
    EXPECT_EQ(judge_.rebuilds(), 2u);
}

TEST_F(ChaosJudgeTest, ASkippedFaultIsCountedAndAsksForNothing) {
    Fault fault;
    fault.number = 1;
    fault.kind = FaultKind::driver_kill;
    judge_.begin(fault, 100 * kMs);
    judge_.skip(101 * kMs);
    EXPECT_TRUE(judge_.recovered());
    EXPECT_EQ(counts().skipped, 1u);
    EXPECT_EQ(counts().injected, 0u);
}

TEST_F(ChaosJudgeTest, WrongFramesAndEndedSessionsAreViolations) {
    judge_.take(0, {HostEventKind::wrong, 0, 0, 0, 1, "", "torn: row 3"});
    judge_.take(0, {HostEventKind::wrong, 0, 0, 0, 1, "", "foreign: row 0"});
    judge_.take(1, {HostEventKind::failed, 0, 0, 0, 1, "", "given up"});
    EXPECT_EQ(judge_.torn(), 1u);
    EXPECT_EQ(judge_.foreign(), 1u);
    EXPECT_EQ(judge_.stale(), 0u);
    EXPECT_THAT(judge_.violations(),
                ElementsAre(HasSubstr("torn: row 3"), HasSubstr("foreign: row 0"),
                            HasSubstr("host 1: its session ended: given up")));
}

TEST_F(ChaosJudgeTest, WhoLeavesOwesNothingAndHasNoMonitor) {
    kill(1, 100, 100);
    judge_.take(0, frame(120, 110));
    judge_.host_leaves(1);
    judge_.take(1, frame(121, 90));
    judge_.take(1, {HostEventKind::ended, 0, 0, 0, 0, "", ""});
    EXPECT_TRUE(judge_.recovered());
    EXPECT_THAT(judge_.violations(), IsEmpty());
    EXPECT_THAT(judge_.monitors(), ElementsAre("1: a"));
}

TEST_F(ChaosJudgeTest, MonitorsFollowOpeningRebuildingClosing) {
    EXPECT_THAT(judge_.monitors(), ElementsAre("1: a", "2: b"));
    judge_.take(0, rebuilt(20, 20, "mode changed"));
    EXPECT_THAT(judge_.monitors(), ElementsAre("1: new", "2: b"));
    judge_.take(1, {HostEventKind::closed, 0, 0, 0, 0, "", ""});
    EXPECT_THAT(judge_.monitors(), ElementsAre("1: new"));
}

TEST(HostEvent, ALineIsReadBack) {
    const HostEvent event{HostEventKind::rebuilt, 5, -6, 7, 8, "1: 640x480@60 (target 257)",
                          "driver died"};
    std::string line = encode(event);
    ASSERT_EQ(line.back(), '\n');
    line.pop_back();
    EXPECT_EQ(decode_event(line), event);
    HostEvent odd = event;
    odd.text = "two\nlines\tand a tab";
    line = encode(odd);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    line.pop_back();
    EXPECT_EQ(decode_event(line)->text, "two lines and a tab");
}

TEST(HostEvent, APartOfALineIsNone) {
    std::string line = encode({HostEventKind::frame, 1, 2, 3, 4, "", ""});
    line.pop_back();
    ASSERT_TRUE(decode_event(line));
    for (std::size_t length = 0; length < line.size() - 1; ++length) {
        EXPECT_FALSE(decode_event(line.substr(0, length))) << length;
    }
    EXPECT_FALSE(decode_event("dance\t1\t2\t3\t4\t\t"));
    EXPECT_FALSE(decode_event("frame\t1\t2\t3\t4x\t\t"));
    EXPECT_FALSE(decode_event(line + "\tmore"));
}

}  // namespace
}  // namespace pf::chaos
