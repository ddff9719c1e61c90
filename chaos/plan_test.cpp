#include "plan.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include <pf/os/clock.hpp>

namespace pf::chaos {
namespace {

constexpr int kMany = 3000;

std::vector<Fault> draw(std::uint64_t seed, const PlanSettings& settings, int count) {
    FaultPlan plan(seed, settings);
    std::vector<Fault> faults;
    for (int i = 0; i < count; ++i) {
        faults.push_back(plan.next());
    }
    return faults;
}

TEST(FaultPlan, TheSameSeedIsTheSamePlan) {
    EXPECT_EQ(draw(7, {}, kMany), draw(7, {}, kMany));
    EXPECT_NE(draw(7, {}, 20), draw(8, {}, 20));
}

// A number in an old report still means what it meant.
TEST(FaultPlan, ASeedMeansTheSameOnEveryMachine) {
    Random random(1);
    EXPECT_EQ(random.below(1'000'000'007), 2469588189546311528u % 1'000'000'007);
}

TEST(FaultPlan, EveryKindComesAndOnlyWhatCanHappen) {
    const auto kinds = [](const PlanSettings& settings) {
        std::set<FaultKind> found;
        for (const Fault& fault : draw(3, settings, kMany)) {
            found.insert(fault.kind);
        }
        return found;
    };
    const auto pattern = kinds({Source::pattern, 2, 2});
    EXPECT_EQ(pattern.size(), kFaultKinds - 1);
    EXPECT_FALSE(pattern.contains(FaultKind::x_server_kill));
    const auto x11 = kinds({Source::x11, 2, 2});
    EXPECT_EQ(x11.size(), kFaultKinds - 1);
    EXPECT_FALSE(x11.contains(FaultKind::format_flip));
    const auto threads_only = kinds({Source::pattern, 1, 0});
    EXPECT_FALSE(threads_only.contains(FaultKind::host_kill));
    EXPECT_FALSE(threads_only.contains(FaultKind::host_starved));
}

TEST(FaultPlan, OnlyTheKindsThatWereAskedFor) {
    const PlanSettings settings{
        Source::pattern, 2, 2, {FaultKind::host_kill, FaultKind::x_server_kill}};
    for (const Fault& fault : draw(3, settings, 100)) {
        EXPECT_EQ(fault.kind, FaultKind::host_kill);
    }
    for (std::size_t i = 0; i < kFaultKinds; ++i) {
        const auto kind = static_cast<FaultKind>(i);
        EXPECT_EQ(parse_fault_kind(to_string(kind)), kind);
    }
    EXPECT_FALSE(parse_fault_kind("earthquake"));
}

TEST(FaultPlan, NumbersCountFromOneAndTimesAreBounded) {
    std::uint32_t number = 0;
    for (const Fault& fault : draw(5, {}, kMany)) {
        EXPECT_EQ(fault.number, ++number);
        EXPECT_GE(fault.wait_ns, 0);
        EXPECT_LE(fault.wait_ns, os::kSecond);
        EXPECT_GE(fault.hold_ns, 0);
        EXPECT_LE(fault.hold_ns, 5 * os::kSecond);
        EXPECT_GE(fault.shape.protocol, 2u);
        EXPECT_LE(fault.shape.protocol, 6u);
    }
}

TEST(FaultPlan, ConflictingFaultsDoNotOverlap) {
    FaultKind before = FaultKind::format_flip;
    int hurried = 0;
    for (const Fault& fault : draw(11, {}, kMany)) {
        hurried += fault.hurried ? 1 : 0;
        EXPECT_TRUE(!fault.hurried || may_hurry(before, fault.kind)) << fault.number;
        before = fault.kind;
    }
    EXPECT_GT(hurried, kMany / 10);
    EXPECT_FALSE(may_hurry(FaultKind::driver_kill, FaultKind::host_kill));
    EXPECT_FALSE(may_hurry(FaultKind::format_flip, FaultKind::driver_kill));
    EXPECT_TRUE(may_hurry(FaultKind::driver_kill, FaultKind::driver_kill));
}

// The driver is another one after an upgrade and after a change of format that stays, only then.
TEST(FaultPlan, TheDriversShapeChangesWhereItShould) {
    DriverShape shape;
    for (const Fault& fault : draw(13, {}, kMany)) {
        if (fault.kind == FaultKind::driver_upgrade) {
            EXPECT_NE(fault.shape.copied_program, shape.copied_program);
            EXPECT_EQ(fault.shape.format, shape.format);
            shape = fault.shape;
        } else if (fault.kind == FaultKind::format_flip) {
            EXPECT_NE(fault.shape.format, shape.format);
            shape = fault.twist ? fault.shape : shape;
        } else {
            EXPECT_EQ(fault.shape, shape) << fault.number;
        }
    }
}

}  // namespace
}  // namespace pf::chaos
