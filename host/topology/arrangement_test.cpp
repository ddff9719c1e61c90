#include "topology/arrangement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/test/screens.hpp"

namespace pf::host {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Snapshot, AScreenIsKnownByItsMonitorWhateverItsNumbers) {
    EXPECT_TRUE(same_screen({kPanel, "a"}, {kBeamer, "a"}));
    EXPECT_FALSE(same_screen({kPanel, "a"}, {kPanel, "b"}));
    EXPECT_TRUE(same_screen({kPanel, ""}, {kPanel, "b"}));
    EXPECT_FALSE(same_screen({kPanel, ""}, {kBeamer, "b"}));
}

TEST(Snapshot, OursIsNoScreenOfTheOwner) {
    EXPECT_THAT(lit_screens({lit(kPanel, 0), lit(kOurs, 1920)}), ElementsAre(kPanelScreen));
}

TEST(Snapshot, WhatIsNotConnectedIsNotDark) {
    const std::vector<Screen> wanted{kPanelScreen, kBeamerScreen};
    EXPECT_THAT(dark_screens(wanted, {lit(kPanel, 0)}), IsEmpty());
    EXPECT_TRUE(all_lit(wanted, {lit(kPanel, 0)}));
    EXPECT_THAT(dark_screens(wanted, {lit(kPanel, 0), connected(kBeamer, 1)}),
                ElementsAre(kBeamerScreen));
    EXPECT_FALSE(all_lit(wanted, {lit(kPanel, 0), connected(kBeamer, 1)}));
}

TEST(Snapshot, ScreensThatNobodyKnowsAgainAreCounted) {
    const std::vector<Screen> wanted{{{9, 9}, ""}};
    EXPECT_FALSE(all_lit(wanted, {connected(kPanel)}));
    EXPECT_TRUE(all_lit(wanted, {lit(kPanel, 0)}));
}

TEST(Arrangement, ATargetJoinsFromASourceThatNobodyUses) {
    const DisplayPaths all{lit(kPanel, 0, 0), connected(kBeamer, 0), connected(kBeamer, 1)};
    const DisplayPaths paths = with_targets(all, {{kBeamer}});
    ASSERT_THAT(paths, SizeIs(2));
    EXPECT_EQ(paths[0], all[0]);
    EXPECT_EQ(paths[1].source, (DisplayEnd{kGpu, 1}));
    EXPECT_TRUE(paths[1].active);
    EXPECT_FALSE(paths[1].source_mode);
    EXPECT_FALSE(paths[1].timing);
}

TEST(Arrangement, WithoutAFreeSourceATargetIsLeftOut) {
    const DisplayPaths all{lit(kPanel, 0, 0), connected(kBeamer, 0)};
    EXPECT_THAT(with_targets(all, {{kBeamer}}), SizeIs(1));
}

TEST(Arrangement, WhatIsKeptLiesAtTheOriginSideBySide) {
    const DisplayEnd second{kVirtual, 257};
    const DisplayPaths seen{lit(kPanel, 0), lit(second, 4480, 1), lit(kOurs, 1920, 0, 2560)};
    const DisplayPaths paths = only_targets(seen, {{kOurs, second}});
    ASSERT_THAT(paths, SizeIs(2));
    EXPECT_EQ(paths[0].target, kOurs);
    EXPECT_EQ(paths[0].source_mode->x, 0);
    EXPECT_EQ(paths[1].source_mode->x, 2560);
    EXPECT_TRUE(is_only_targets(paths, {{kOurs, second}}));
    EXPECT_FALSE(is_only_targets(seen, {{kOurs, second}}));
}

TEST(Arrangement, ClonesStayInOnePlace) {
    const DisplayEnd second{kVirtual, 257};
    const DisplayPaths paths = only_targets(
        {lit(kPanel, 0), lit(kOurs, 1920, 0), lit(second, 1920, 0)}, {{kOurs, second}});
    ASSERT_THAT(paths, SizeIs(2));
    EXPECT_EQ(paths[0].source_mode->x, 0);
    EXPECT_EQ(paths[1].source_mode, paths[0].source_mode);
}

TEST(Arrangement, NothingLitIsNotIsolated) {
    EXPECT_FALSE(is_only_targets({}, {{kOurs}}));
}

TEST(Arrangement, WhatVanishedIsLeftOutOfWhatComesBack) {
    const DisplayPaths saved{lit(kPanel, 0, 0), lit(kBeamer, 1920, 1)};
    const DisplayPaths all{connected(kPanel, 0), lit(kOurs, 0)};
    const DisplayPaths paths = restored(saved, all);
    ASSERT_THAT(paths, SizeIs(2));
    EXPECT_EQ(paths[0], saved[0]);
    EXPECT_EQ(paths[1].target, kOurs);  // lit now, and stays so
}

TEST(Arrangement, AnotherMonitorAtTheSameConnectorIsNotTheOneThatWas) {
    DisplayPath other = connected(kBeamer, 1);
    other.monitor = "another";
    EXPECT_THAT(restored({lit(kPanel, 0), lit(kBeamer, 1920, 1)}, {connected(kPanel), other}),
                SizeIs(1));
}

TEST(Arrangement, OneThatCameMeanwhileStaysLitFromAnotherSource) {
    const DisplayPaths saved{lit(kPanel, 0, 0)};
    const DisplayPaths all{connected(kPanel, 0), lit(kBeamer, 0, 0), connected(kBeamer, 1)};
    const DisplayPaths paths = restored(saved, all);
    ASSERT_THAT(paths, SizeIs(2));
    EXPECT_EQ(paths[1].target, kBeamer);
    EXPECT_EQ(paths[1].source.id, 1u);
}

}  // namespace
}  // namespace pf::host
