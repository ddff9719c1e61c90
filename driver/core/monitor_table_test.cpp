#include <pf/core/monitor_table.hpp>

#include <gtest/gtest.h>

namespace pf::core {
namespace {

Monitor monitor(Owner owner, std::uint64_t session, std::uint32_t target, std::uint32_t id) {
    Monitor made{.modes = ModeList({640, 480, 60})};
    made.owner = owner;
    made.session_id = session;
    made.number = made.target_id = target;
    made.monitor_id = id;
    made.connector = id - 1;
    made.phase = Monitor::Phase::there;
    return made;
}

TEST(MonitorTable, GivesThePreferredIdWhenItIsOneAndFree) {
    MonitorTable table;
    EXPECT_EQ(table.free_id(9), 9U);
    EXPECT_EQ(table.free_id(15), 15U);
    EXPECT_EQ(table.free_id(0), 1U);
    EXPECT_EQ(table.free_id(16), 1U);
    EXPECT_EQ(table.free_id(0xFFFFFFFF), 1U);
    table.insert(monitor(1, 1, 1, 9));
    EXPECT_EQ(table.free_id(9), 1U);
}

TEST(MonitorTable, HasFifteenPlaces) {
    MonitorTable table;
    for (std::uint32_t i = 1; i <= 15; ++i) {
        ASSERT_EQ(table.free_id(0), i);
        table.insert(monitor(1, i, 100 + i, i));
    }
    EXPECT_EQ(table.size(), 15U);
    EXPECT_EQ(table.free_id(0), std::nullopt);
    EXPECT_EQ(table.free_id(3), std::nullopt);
    table.erase(7);
    EXPECT_EQ(table.free_id(3), 7U);
}

TEST(MonitorTable, FindsOnlyTheOwnersOwn) {
    MonitorTable table;
    table.insert(monitor(1, 50, 100, 1));
    table.insert(monitor(2, 50, 101, 2));
    EXPECT_EQ(table.find_session(1, 50)->target_id, 100U);
    EXPECT_EQ(table.find_session(2, 50)->target_id, 101U);
    EXPECT_EQ(table.find_session(3, 50), nullptr);
    EXPECT_EQ(table.find_target(1, 101), nullptr);
    EXPECT_EQ(table.find_target(2, 101)->monitor_id, 2U);
}

TEST(MonitorTable, HeardTouchesOnlyTheOwnersMonitors) {
    MonitorTable table;
    table.insert(monitor(1, 1, 100, 1));
    table.insert(monitor(1, 2, 101, 2));
    table.insert(monitor(2, 1, 102, 3));
    table.heard(1, 77);
    EXPECT_EQ(table.at(1)->heard_ns, 77);
    EXPECT_EQ(table.at(2)->heard_ns, 77);
    EXPECT_EQ(table.at(3)->heard_ns, 0);
}

TEST(MonitorTable, WhatLeavesAnswersToNobodyAndKeepsItsPlace) {
    MonitorTable table;
    table.insert(monitor(1, 50, 100, 1));
    table.leave(1);
    EXPECT_EQ(table.find_session(1, 50), nullptr);
    EXPECT_EQ(table.find_number(100), nullptr);
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.leaving(), 1U);
    EXPECT_TRUE(table.is_being_left(1));
    EXPECT_EQ(table.free_id(0), 2U) << "nobody has to wait for one that is free";
    EXPECT_EQ(table.free_id(1), 1U) << "but who prefers it may";
    EXPECT_EQ(table.free_connector(), 1U);
    EXPECT_EQ(table.gone(77), std::nullopt);
    EXPECT_EQ(table.gone(100), 1U);
    EXPECT_EQ(table.gone(100), std::nullopt);
    EXPECT_EQ(table.free_id(0), 1U);
    EXPECT_EQ(table.free_connector(), 0U);
}

TEST(MonitorTable, WhenAllOthersAreTakenAnIdThatIsBeingLeftIsGiven) {
    MonitorTable table;
    for (std::uint32_t i = 1; i <= 15; ++i) {
        table.insert(monitor(1, i, 100 + i, i));
    }
    table.leave(9);
    EXPECT_EQ(table.free_id(3), 9U);
    Monitor waits = monitor(1, 99, 200, 9);
    waits.phase = Monitor::Phase::waiting;
    table.insert(waits);
    EXPECT_EQ(table.free_id(3), std::nullopt);
    table.leave(9);
    EXPECT_EQ(table.leaving(), 1U) << "what was never plugged has nothing to leave";
    EXPECT_EQ(table.gone(109), 9U);
}

TEST(MonitorTable, IdsOutOfRangeAreNobody) {
    MonitorTable table;
    EXPECT_EQ(table.at(0), nullptr);
    EXPECT_EQ(table.at(16), nullptr);
    EXPECT_EQ(table.at(0xFFFFFFFF), nullptr);
    table.erase(0);
    table.erase(1000);
    EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace pf::core
