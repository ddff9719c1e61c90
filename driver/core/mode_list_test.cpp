#include <pf/core/mode_list.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pf::core {

void PrintTo(const Mode& mode, std::ostream* out) {
    *out << mode.width << 'x' << mode.height << '@' << mode.millihertz() << " mHz";
}

namespace {

using testing::ElementsAre;

TEST(ModeList, StartsWithTheRequestedModeThenTheUsualOnes) {
    EXPECT_THAT(ModeList({2560, 1440, 144}).modes(),
                ElementsAre(Mode{2560, 1440, 144}, Mode{1920, 1080, 60}, Mode{1920, 1080, 120},
                            Mode{1280, 720, 60}));
}

TEST(ModeList, HasNoDuplicates) {
    EXPECT_THAT(ModeList({1920, 1080, 120}).modes(),
                ElementsAre(Mode{1920, 1080, 120}, Mode{1920, 1080, 60}, Mode{1280, 720, 60}));
}

TEST(ModeList, PrefersANewModeAndKeepsTheEarlierOnes) {
    ModeList list({800, 600, 60});
    list.prefer({640, 480, 75});
    list.prefer({1280, 720, 60});
    EXPECT_EQ(list.preferred(), (Mode{1280, 720, 60}));
    EXPECT_THAT(list.modes(),
                ElementsAre(Mode{1280, 720, 60}, Mode{640, 480, 75}, Mode{800, 600, 60},
                            Mode{1920, 1080, 60}, Mode{1920, 1080, 120}));
}

TEST(ModeList, PreferringThePreferredChangesNothing) {
    ModeList list({800, 600, 60});
    list.prefer({800, 600, 60});
    EXPECT_EQ(list.preferred(), (Mode{800, 600, 60}));
    EXPECT_EQ(list.modes().size(), 4U);
}

TEST(ModeList, RatesOfTheSameWholeHertzAreTwoModes) {
    ModeList list({1920, 1080, 60, 59940});
    EXPECT_EQ(list.modes().size(), 4U);
    list.prefer({1920, 1080, 60});
    EXPECT_EQ(list.preferred().millihertz(), 60000U);
    list.prefer({1920, 1080, 60, 60000});
    EXPECT_EQ(list.modes().size(), 4U) << "the same rate, said exactly";
}

TEST(ModeList, HoldsTwelveAndTheOldestFallsOut) {
    ModeList list({1, 1, 1});
    for (std::uint32_t i = 2; i <= 20; ++i) {
        list.prefer({i, i, 1});
        ASSERT_LE(list.modes().size(), ModeList::kMaxModes);
    }
    ASSERT_EQ(list.modes().size(), 12U);
    for (std::uint32_t i = 0; i < 12; ++i) {
        EXPECT_EQ(list.modes()[i].width, 20 - i);
    }
}

}  // namespace
}  // namespace pf::core
