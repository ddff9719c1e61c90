// A monitor, its ring and its cursor channel answer only to the owner that added them; silence and
// departure are an owner's own.
#include <gtest/gtest.h>

#include "test/fake_adapter.hpp"

namespace pf::core {
namespace {

using namespace proto;

constexpr Owner kMine = 1, kOther = 2;
constexpr std::int64_t kSecond = 1'000'000'000;

TEST(DispatchOwner, AnotherOwnerReachesNothing) {
    Caller c;
    const std::uint32_t target = c.add(kMine, 50, 0, true);
    c.status(kMine, kIoctlSetCursorChannel, SetCursorChannelRequest{target, 0, 200});
    EXPECT_EQ(c.status(kOther, kIoctlRemove, RemoveRequest{50}), kStatusSuccess);
    EXPECT_EQ(c.status(kOther, kIoctlSetFrameChannel, Caller::channel(target)), kStatusNotFound);
    EXPECT_EQ(c.status(kOther, kIoctlUpdateModes, UpdateModesRequest{50, 800, 600, 60, 0}),
              kStatusNotFound);
    EXPECT_EQ(c.status(kOther, kIoctlSetCursorChannel, SetCursorChannelRequest{target, 0, 300}),
              kStatusNotFound);
    EXPECT_EQ(c.status(kOther, kIoctlSetCursorForward, SetCursorForwardRequest{target, 0}),
              kStatusNotFound);
    EXPECT_EQ(c.status(kOther, kIoctlClearAll, 0), kStatusSuccess);
    ASSERT_EQ(c.adapter.live.count(target), 1U);
    const auto& monitor = c.adapter.live.at(target);
    EXPECT_TRUE(monitor.rings.empty());
    EXPECT_EQ(monitor.cursors.size(), 1U);
    EXPECT_TRUE(monitor.forwards.empty());
    EXPECT_EQ(monitor.modes[0], (Mode{1920, 1080, 60}));
}

TEST(DispatchOwner, SessionIdsArePerOwner) {
    Caller c;
    const std::uint32_t mine = c.add(kMine, 50);
    const std::uint32_t other = c.add(kOther, 50);
    EXPECT_NE(mine, other);
    EXPECT_EQ(c.adapter.live.size(), 2U) << "the second Add replaces nothing";
    c.status(kMine, kIoctlRemove, RemoveRequest{50});
    EXPECT_EQ(c.adapter.live.count(other), 1U);
    EXPECT_EQ(c.adapter.live.count(mine), 0U);
}

TEST(DispatchOwner, ClearAllDepartsTheCallersOwnAndOrphans) {
    Caller c;
    c.add(kMine, 1);
    c.add(kMine, 2);
    const std::uint32_t other = c.add(kOther, 1);
    c.add(kNobody, 1);
    c.status(kMine, kIoctlClearAll, 0);
    EXPECT_EQ(c.adapter.live.size(), 1U);
    EXPECT_EQ(c.adapter.live.count(other), 1U);
}

TEST(DispatchOwner, AnOwnersEndDepartsItsMonitorsAtOnce) {
    Caller c;
    c.add(kMine, 1);
    const std::uint32_t other = c.add(kOther, 1);
    c.add(kMine, 2);
    c.dispatcher.owner_gone(kMine);
    EXPECT_EQ(c.adapter.live.size(), 1U);
    EXPECT_EQ(c.adapter.live.count(other), 1U);
    c.dispatcher.owner_gone(kMine);
    c.dispatcher.owner_gone(99);
    EXPECT_EQ(c.adapter.live.size(), 1U);
}

TEST(DispatchOwner, ASilentOwnersMonitorsDepartAndNoOtherOnes) {
    Caller c;
    c.add(kMine, 1);
    const std::uint32_t other = c.add(kOther, 1);
    const std::int64_t start = c.now_ns;
    c.now_ns = start + 9 * kSecond;
    c.call(kOther, kIoctlPing, {}, 0);
    c.dispatcher.tick(start + 10 * kSecond - 1);
    EXPECT_EQ(c.adapter.live.size(), 2U);
    c.dispatcher.tick(start + 10 * kSecond);
    EXPECT_EQ(c.adapter.live.size(), 1U);
    EXPECT_EQ(c.adapter.live.count(other), 1U);
    c.dispatcher.tick(start + 19 * kSecond);
    EXPECT_TRUE(c.adapter.live.empty());
}

TEST(DispatchOwner, AFailedOperationIsASignOfLifeToo) {
    Caller c;
    c.add(kMine, 1);
    const std::int64_t start = c.now_ns;
    for (const std::uint32_t code : {kIoctlRemove, kIoctlGetInfo, ctl_code(0x90F), 0U}) {
        c.now_ns += 9 * kSecond;
        EXPECT_NE(c.call(kMine, code, {}, 0).status, kStatusSuccess);
        c.dispatcher.tick(c.now_ns + 9 * kSecond);
        ASSERT_EQ(c.adapter.live.size(), 1U);
    }
    EXPECT_GT(c.now_ns, start + 30 * kSecond);
}

TEST(DispatchOwner, AStopDepartsEverythingInOrder) {
    Caller c;
    c.add(kMine, 1, 3);
    c.add(kOther, 1, 1);
    c.add(kNobody, 1, 2);
    c.dispatcher.depart_all();
    EXPECT_EQ(c.adapter.log, " unplug2 unplug3 unplug1") << "by monitor id";
    EXPECT_EQ(c.adapter.stray_calls, 0);
}

}  // namespace
}  // namespace pf::core
