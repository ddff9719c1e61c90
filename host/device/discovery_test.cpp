#include "device/discovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pf/host/errors.hpp>
#include <pf/os/test/hand_clock.hpp>

#include "test/fake_driver.hpp"

namespace pf::host {
namespace {

using testing::HasSubstr;
using enum os::InstanceState;

class Discovery : public testing::Test {
protected:
    os::Result<std::shared_ptr<DriverConnection>> find(const std::string& instance = "") {
        return discover(system_.system(),
                        {.instance = instance, .handshake_timeout_ns = 50 * os::kMillisecond});
    }
    test::FakeSystem system_;
};

TEST_F(Discovery, TakesTheFirstThatShakesHands) {
    auto hung = std::make_shared<test::FakeDriver>();
    hung->hang(true);
    auto mute = std::make_shared<test::FakeDriver>();
    mute->claim_size(proto::kIoctlGetInfo, 7);
    system_.set("a-stale", {stale, nullptr});
    system_.set("b-refuses", {active, nullptr});
    system_.set("c-hung", {active, hung});
    system_.set("d-short", {active, mute});
    system_.set("e-live", {active, std::make_shared<test::FakeDriver>()});
    system_.set("f-live", {active, std::make_shared<test::FakeDriver>()});
    const auto found = find();
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ((*found)->instance(), "e-live");
    EXPECT_EQ((*found)->protocol(), 6u);
    EXPECT_EQ((*found)->watchdog_timeout_s(), 10u);
}

// The budget of a candidate that hangs is counted on the system's clock, so this takes no time.
TEST_F(Discovery, ACandidateThatHangsCostsItsBudgetOnce) {
    os::test::HandClock clock;
    auto hung = std::make_shared<test::FakeDriver>();
    hung->clock = &clock;
    hung->hang(true);
    system_.set("a-hung", {active, hung});
    system_.set("b-live", {active, std::make_shared<test::FakeDriver>()});
    DeviceSystem system = system_.system();
    system.clock = &clock;
    const std::int64_t began_ns = clock.now_ns();
    const auto found = discover(system, {.instance = {}, .handshake_timeout_ns = 40 * os::kSecond});
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ((*found)->instance(), "b-live");
    EXPECT_EQ(clock.now_ns() - began_ns, 40 * os::kSecond);
}

// A wedged device is waited for by nobody but its own thread.
TEST_F(Discovery, WedgedDevicesHideNoHealthyOne) {
    for (const char* name : {"a", "b", "c", "e"}) {
        system_.set(name, {.state = active, .driver = nullptr, .wedged = true});
    }
    system_.set("d", {active, std::make_shared<test::FakeDriver>()});
    const std::int64_t began_ns = os::now_ns();
    const auto found = find();
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ((*found)->instance(), "d");
    EXPECT_LT(os::now_ns() - began_ns, os::kSecond);
}

TEST_F(Discovery, TheFirstInNameOrderIsTakenOfSeveral) {
    system_.set("a", {active, nullptr});
    for (const char* name : {"b", "c", "d"}) {
        system_.set(name, {active, std::make_shared<test::FakeDriver>()});
    }
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ((*find())->instance(), "b");
    }
}

TEST_F(Discovery, AHealthyFirstOneLeavesTheOthersAlone) {
    auto other = std::make_shared<test::FakeDriver>();
    system_.set("a", {active, std::make_shared<test::FakeDriver>()});
    system_.set("b", {active, other});
    EXPECT_EQ((*find())->instance(), "a");
    EXPECT_EQ(other->calls().size(), 0u);
}

TEST_F(Discovery, AStopEndsItWhateverHangs) {
    system_.set("a", {.state = active, .driver = nullptr, .wedged = true});
    system_.set("b", {.state = active, .driver = nullptr, .wedged = true});
    const auto cancel = os::Flag::create().value();
    const StopSignal stop(os::Flag::create().value(), &cancel);
    cancel.set();
    const auto found = discover(system_.system(), {.instance = {}, .stop = &stop});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, kClosed);
}

TEST_F(Discovery, NeverOpensWhatIsNotActive) {
    auto old = std::make_shared<test::FakeDriver>();
    system_.set("old", {stopped, old});
    EXPECT_FALSE(find());
    EXPECT_EQ(old->calls().size(), 0u);
}

TEST_F(Discovery, CountsAndExplainsWhatItFound) {
    auto hung = std::make_shared<test::FakeDriver>();
    hung->hang(true);
    system_.set("a", {stale, nullptr, "its process is gone"});
    system_.set("b", {failed, nullptr, "no Xorg"});
    system_.set("c", {active, hung});
    const auto found = find();
    ASSERT_FALSE(found);
    EXPECT_EQ(kind(found.error()), ErrorKind::no_driver);
    EXPECT_THAT(found.error().detail,
                HasSubstr("3 instances found: 1 active, 1 stale, 1 failed (1 opened, 1 wedged)"));
    EXPECT_THAT(found.error().detail, HasSubstr("'a' (stale): its process is gone"));
    EXPECT_THAT(found.error().detail, HasSubstr("'b' (failed): no Xorg"));
    EXPECT_THAT(found.error().detail,
                HasSubstr("'c' (active): wedged: the driver process does not"));
    EXPECT_EQ(found.error().detail.find('\n'), std::string::npos);
}

TEST_F(Discovery, NoInstanceAtAll) {
    EXPECT_EQ(kind(find().error()), ErrorKind::no_driver);
    EXPECT_THAT(find("main").error().detail, HasSubstr("'main'"));
}

TEST_F(Discovery, OnlyMismatchingDriversAreAMismatch) {
    system_.set("new", {active, std::make_shared<test::FakeDriver>(7)});
    system_.set("old", {active, std::make_shared<test::FakeDriver>(1)});
    system_.set("dead", {stale, nullptr});
    const auto found = find();
    ASSERT_FALSE(found);
    EXPECT_EQ(kind(found.error()), ErrorKind::protocol_mismatch);
    EXPECT_THAT(found.error().detail, HasSubstr("protocol 7, this host speaks 2 to 6"));
    EXPECT_THAT(found.error().detail, HasSubstr("protocol 1, this host speaks 2 to 6"));
    system_.set("broken", {active, nullptr});
    EXPECT_EQ(kind(find().error()), ErrorKind::no_driver);
}

TEST_F(Discovery, AMismatchDoesNotShadowALiveOne) {
    system_.set("a", {active, std::make_shared<test::FakeDriver>(7)});
    system_.set("b", {active, std::make_shared<test::FakeDriver>(2)});
    const auto found = find();
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)->protocol(), 2u);
}

TEST_F(Discovery, AWantedNameRestricts) {
    system_.set("a", {active, std::make_shared<test::FakeDriver>()});
    system_.set("b", {active, std::make_shared<test::FakeDriver>()});
    EXPECT_EQ((*find("b"))->instance(), "b");
    EXPECT_FALSE(find("c"));
}

// The budget of a wedged one is the only wait, and all of them share it: the fake's opens end with
// their patience, which is on a clock that has long passed it.
TEST_F(Discovery, SurveyNamesWhatIsWedgedAndCounts) {
    os::test::HandClock clock;
    for (const char* name : {"a", "b", "c"}) {
        system_.set(name, {.state = active, .driver = nullptr, .wedged = true});
    }
    system_.set("d", {active, std::make_shared<test::FakeDriver>()});
    system_.set("e", {active, nullptr});
    system_.set("f", {stale, nullptr, "phantom"});
    DeviceSystem system = system_.system();
    system.clock = &clock;
    const auto reports = survey(system, os::kSecond);
    ASSERT_TRUE(reports);
    const InstanceCounts counts = count_instances(*reports);
    EXPECT_EQ(counts.active(), 5u);
    EXPECT_EQ(counts.inactive(), 1u);
    EXPECT_EQ(counts.opened, 1u);
    EXPECT_EQ(counts.wedged, 3u);
    EXPECT_EQ(counts.last_error, 111);
    EXPECT_EQ(to_string(counts),
              "6 instances found: 5 active, 1 stale (1 opened, 3 wedged, last error 111)");
    EXPECT_TRUE((*reports)[3].usable);
    EXPECT_TRUE((*reports)[0].wedged);
}

TEST_F(Discovery, SurveyTellsEveryInstance) {
    system_.set("a", {active, std::make_shared<test::FakeDriver>(4)});
    system_.set("b", {active, std::make_shared<test::FakeDriver>(7)});
    system_.set("c", {failed, nullptr, "no Xorg"});
    const auto reports = survey(system_.system(), os::kSecond);
    ASSERT_TRUE(reports);
    ASSERT_EQ(reports->size(), 3u);
    EXPECT_TRUE((*reports)[0].usable);
    EXPECT_EQ((*reports)[0].protocol, 4u);
    EXPECT_FALSE((*reports)[1].usable);
    EXPECT_EQ((*reports)[1].protocol, 7u);
    EXPECT_THAT((*reports)[1].reason, HasSubstr("protocol 7"));
    EXPECT_EQ((*reports)[2].reason, "no Xorg");
}

}  // namespace
}  // namespace pf::host
