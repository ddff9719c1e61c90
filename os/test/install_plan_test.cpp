#include "install_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pf::os {
namespace {

using ::testing::ElementsAre;
using Asked = InstallProgress::Asked;

constexpr const char* kNew = "0.2.0.0";
constexpr const char* kOld = "0.1.0.0";

DriverNode live(std::string id, std::string version) {
    return {std::move(id), true, true, 0, true, std::move(version), "oem1.inf"};
}

DriverNode phantom(std::string id) {
    return {std::move(id), false, false, 0, false, kNew, "oem1.inf"};
}

const DriverInventory kNothing;

TEST(InstallPlan, ANodeIsCreatedWhereNoneIsPresent) {
    EXPECT_EQ(next_step(kNothing, kNew, {}), InstallStep::create_node);
    EXPECT_EQ(next_step({{phantom("A")}, {{"oem1.inf", kNew}}}, kNew, {}),
              InstallStep::create_node);
}

TEST(InstallPlan, APresentNodeIsNeverDoubled) {
    for (const char* version : {kOld, ""}) {
        EXPECT_EQ(next_step({{phantom("A"), live("B", version)}, {}}, kNew, {}),
                  InstallStep::update);
    }
}

TEST(InstallPlan, ANodeIsCreatedOnceSeenOrNot) {
    EXPECT_EQ(next_step(kNothing, kNew, {.created = true}), InstallStep::update);
}

TEST(InstallPlan, TheSameVersionIsOnlyAsked) {
    const DriverInventory installed{{live("A", kNew)}, {{"oem1.inf", kNew}}};
    EXPECT_EQ(next_step(installed, kNew, {}), InstallStep::ask);
    EXPECT_EQ(next_step(installed, kNew, {.asked = Asked::answered}), InstallStep::finished);
    EXPECT_EQ(next_step(installed, kNew, {.asked = Asked::silent}), InstallStep::restart_nodes);
    EXPECT_EQ(next_step(installed, kNew, {.restarted = true}), InstallStep::ask);
    EXPECT_EQ(next_step(installed, kNew, {.restarted = true, .asked = Asked::silent}),
              InstallStep::no_answer);
}

TEST(InstallPlan, OneNodeOfSeveralWithAnOldDriverIsEnough) {
    EXPECT_EQ(next_step({{live("A", kNew), live("B", kOld)}, {{"oem1.inf", kNew}}}, kNew, {}),
              InstallStep::update);
}

TEST(InstallPlan, AKeptOldDriverIsRestartedThenReplacedThenSaid) {
    const DriverInventory kept{{live("A", kOld)}, {{"oem1.inf", kOld}, {"oem2.inf", kNew}}};
    EXPECT_EQ(next_step(kept, kNew, {.updates = 1}), InstallStep::restart_nodes);
    EXPECT_EQ(next_step(kept, kNew, {.updates = 1, .restarted = true}),
              InstallStep::replace_packages);
    EXPECT_EQ(next_step(kept, kNew, {.updates = 2}), InstallStep::restart_nodes);
    EXPECT_EQ(next_step(kept, kNew, {.updates = 2, .restarted = true}), InstallStep::kept_old);
}

TEST(InstallPlan, ThePromiseOfARestartCountsAsKeptWhateverTheVersionSays) {
    const DriverInventory promised{{live("A", kNew)}, {{"oem1.inf", kNew}}};
    EXPECT_EQ(next_step(promised, kNew, {.updates = 1, .restart_pending = true}),
              InstallStep::restart_nodes);
    EXPECT_EQ(next_step(promised, kNew, {.updates = 1, .restarted = true}), InstallStep::ask);
}

TEST(InstallPlan, OnlyPresentNodesAreRestartedAndThoseInNeedFirst) {
    EXPECT_THAT(nodes_to_restart({live("A", kNew), live("B", kOld), phantom("C")}, kNew),
                ElementsAre("B"));
    EXPECT_THAT(nodes_to_restart({live("A", kNew), live("B", kNew), phantom("C")}, kNew),
                ElementsAre("A", "B"));
}

}  // namespace
}  // namespace pf::os
