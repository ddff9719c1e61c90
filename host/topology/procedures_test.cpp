// What each procedure asks for, step by step; topology_property_test.cpp has what comes of it.
#include <gtest/gtest.h>

#include "topology/activation.hpp"
#include "topology/isolation.hpp"
#include "topology/mode_switch.hpp"
#include "topology/restoration.hpp"
#include "topology/test/screens.hpp"

namespace pf::host {
namespace {

using namespace test;
using Kind = Action::Kind;

// Shows `procedure` the same screens until it wants something else than time; the time is that.
class Watch {
public:
    explicit Watch(Procedure& procedure) : procedure_(procedure) {}

    Action until_change(const DisplayPaths* seen) {
        for (int i = 0; i < 1000; ++i) {
            const Action action = procedure_.next(seen, now_ns);
            if (action.kind != Kind::wait) {
                return action;
            }
            now_ns = action.until_ns;
        }
        ADD_FAILURE() << "it waits for ever";
        return Action::done();
    }
    Action until_change(const DisplayPaths& seen) { return until_change(&seen); }
    std::int64_t took_ms() const { return now_ns / os::kMillisecond; }

    std::int64_t now_ns = 0;

private:
    Procedure& procedure_;
};

// ---- Activation ----

TEST(Activation, IsDoneWhenItIsLitAndNamed) {
    Activation activation(kOurs, true);
    DisplayPaths seen{lit(kPanel, 0), lit(kOurs, 1920)};
    seen[1].name.clear();
    EXPECT_EQ(activation.next(&seen, 0).kind, Kind::wait);
    seen[1].name = "D1";
    EXPECT_EQ(activation.next(&seen, 0).kind, Kind::done);
    EXPECT_EQ(activation.outcome(), Activation::Outcome::active);
}

TEST(Activation, WaitsThreeSecondsThenExtendsThenAsksForItByName) {
    Activation activation(kOurs, true);
    Watch watch(activation);
    const DisplayPaths seen{lit(kPanel, 0), connected(kOurs)};
    EXPECT_EQ(watch.until_change(seen).kind, Kind::extend);
    EXPECT_NEAR(static_cast<double>(watch.took_ms()), 3000, 60);
    const Action apply = watch.until_change(seen);
    ASSERT_EQ(apply.kind, Kind::apply);
    EXPECT_NE(find_active(apply.paths, kOurs), nullptr);
    EXPECT_NE(find_active(apply.paths, kPanel), nullptr);
    EXPECT_EQ(watch.until_change(seen).kind, Kind::done);
    EXPECT_EQ(activation.outcome(), Activation::Outcome::inactive);
    EXPECT_NEAR(static_cast<double>(watch.took_ms()), 9000, 180);
}

TEST(Activation, DoesNotExtendWhereScreensAreDarkOnPurpose) {
    Activation activation(kOurs, false);
    EXPECT_EQ(Watch(activation).until_change({connected(kOurs)}).kind, Kind::apply);
}

TEST(Activation, OneThatTheSystemDoesNotKnowIsAbsentAndNoOtherIsLit) {
    Activation activation(kOurs, true);
    Watch watch(activation);
    const DisplayPaths seen{lit(kPanel, 0), lit({kVirtual, 257}, 1920, 1)};
    EXPECT_EQ(watch.until_change(seen).kind, Kind::extend);
    EXPECT_EQ(watch.until_change(seen).kind, Kind::done);
    EXPECT_EQ(activation.outcome(), Activation::Outcome::absent);
}

TEST(Activation, FailedQueriesChangeNothing) {
    Activation activation(kOurs, true);
    EXPECT_EQ(Watch(activation).until_change(nullptr).kind, Kind::done);
    EXPECT_EQ(activation.outcome(), Activation::Outcome::unknown);
}

// ---- Isolation ----

TEST(Isolation, TriesFourTimesAQuarterOfASecondApart) {
    Isolation isolation({kOurs});
    Watch watch(isolation);
    const DisplayPaths seen{lit(kPanel, 0), lit(kOurs, 1920)};
    for (int i = 0; i < 4; ++i) {
        const Action action = watch.until_change(seen);
        ASSERT_EQ(action.kind, Kind::apply);
        EXPECT_EQ(watch.took_ms(), i * 250);
        ASSERT_EQ(action.paths.size(), 1u);
        EXPECT_EQ(action.paths[0].source_mode->x, 0);
    }
    EXPECT_EQ(watch.until_change(seen).kind, Kind::done);
    EXPECT_EQ(isolation.outcome(), Isolation::Outcome::refused);
}

TEST(Isolation, IsDoneWhenItIsSeenSo) {
    Isolation isolation({kOurs});
    const DisplayPaths before{lit(kPanel, 0), lit(kOurs, 1920)};
    const DisplayPaths after{connected(kPanel), lit(kOurs, 0)};
    EXPECT_EQ(isolation.next(&before, 0).kind, Kind::apply);
    EXPECT_EQ(isolation.next(&after, 1).kind, Kind::done);
    EXPECT_EQ(isolation.outcome(), Isolation::Outcome::isolated);
}

TEST(Isolation, NothingIsSwitchedOffForAMonitorThatIsDark) {
    const DisplayPaths seen{lit(kPanel, 0), connected(kOurs)};
    Isolation isolation({kOurs});
    EXPECT_EQ(Watch(isolation).until_change(seen).kind, Kind::done);
    EXPECT_EQ(isolation.outcome(), Isolation::Outcome::not_active);
    Isolation of_nothing({});
    EXPECT_EQ(Watch(of_nothing).until_change(seen).kind, Kind::done);
    EXPECT_EQ(of_nothing.outcome(), Isolation::Outcome::not_active);
}

TEST(Isolation, AFailedQueryIsNotTheEndAndNotZeroPaths) {
    Isolation isolation({kOurs});
    const DisplayPaths seen{lit(kPanel, 0), lit(kOurs, 1920)};
    EXPECT_EQ(isolation.next(nullptr, 0).kind, Kind::wait);
    EXPECT_EQ(isolation.next(&seen, 1).kind, Kind::apply);
    EXPECT_EQ(Watch(isolation).until_change(nullptr).kind, Kind::done);
    EXPECT_EQ(isolation.outcome(), Isolation::Outcome::unknown);
}

// ---- Restoration ----

const std::optional<std::vector<Screen>> kBoth = std::vector{kPanelScreen, kBeamerScreen};
const std::optional<std::vector<Screen>> kNobodyKnows;

TEST(Restoration, ArrangesThenExtendsThenLightsByName) {
    Restoration restoration(kBoth, DisplayPaths{lit(kPanel, 0, 0), lit(kBeamer, 1920, 1)});
    Watch watch(restoration);
    const DisplayPaths seen{connected(kPanel, 0), connected(kBeamer, 1), lit(kOurs, 0)};
    EXPECT_EQ(watch.until_change(seen).paths.size(), 3u);
    EXPECT_EQ(watch.until_change(seen).kind, Kind::extend);
    EXPECT_EQ(watch.until_change(seen).paths.size(), 3u);
    EXPECT_EQ(watch.took_ms(), 500);
}

TEST(Restoration, AfterACrashItExtendsFirst) {
    Restoration restoration(kBoth, std::nullopt);
    EXPECT_EQ(Watch(restoration).until_change({connected(kPanel), lit(kBeamer, 0, 1)}).kind,
              Kind::extend);
}

TEST(Restoration, LitIsWhatIsSeenTwice) {
    Restoration restoration(kBoth, std::nullopt);
    Watch watch(restoration);
    EXPECT_EQ(watch.until_change({lit(kPanel, 0), lit(kBeamer, 1920, 1)}).kind, Kind::done);
    EXPECT_EQ(watch.took_ms(), 250);
    EXPECT_EQ(restoration.outcome(), Restoration::Outcome::lit);
}

TEST(Restoration, DarkInTheEndIsSaid) {
    Restoration restoration(kBoth, std::nullopt);
    Watch watch(restoration);
    const DisplayPaths seen{connected(kPanel), connected(kBeamer, 1)};
    for (int i = 0; i < 9; ++i) {
        EXPECT_NE(watch.until_change(seen).kind, Kind::done);
    }
    EXPECT_EQ(watch.until_change(seen).kind, Kind::done);
    EXPECT_EQ(restoration.outcome(), Restoration::Outcome::dark);
}

// A laptop's own screen with its lid closed.
TEST(Restoration, AScreenThatWasDarkBeforeMayStaySo) {
    const std::optional<std::vector<Screen>> beamer = std::vector{kBeamerScreen};
    Restoration restoration(beamer, std::nullopt);
    Watch watch(restoration);
    const DisplayPaths seen{connected(kPanel), lit(kBeamer, 0, 1)};
    while (watch.until_change(seen).kind != Kind::done) {
    }
    EXPECT_EQ(restoration.outcome(), Restoration::Outcome::lit);
}

TEST(Restoration, OfWhatNobodyKnowsAllIsWantedAndAnyWillDo) {
    Restoration restoration(kNobodyKnows, std::nullopt);
    Watch watch(restoration);
    const DisplayPaths seen{connected(kPanel), lit(kBeamer, 0, 1)};
    EXPECT_EQ(watch.until_change(seen).kind, Kind::extend);
    while (watch.until_change(seen).kind != Kind::done) {
    }
    EXPECT_EQ(restoration.outcome(), Restoration::Outcome::lit);
}

// ---- Mode ----

constexpr Mode kSmall{1280, 800, 60};

TEST(ModeSwitch, APublishedSizeIsSetInPlaceWithItsTiming) {
    ModeSwitch change(kOurs, kSmall, {{kSmall}});
    const DisplayPaths before{lit(kOurs, 0), lit(kPanel, 1920)};
    const Action action = change.next(&before, 0);
    ASSERT_EQ(action.kind, Kind::apply);
    EXPECT_EQ(action.paths[0].source_mode->width, 1280u);
    EXPECT_EQ(action.paths[0].timing->active_height, 800u);
    EXPECT_EQ(action.paths[0].timing->frame_rate, (os::DisplayRational{60, 1}));
    EXPECT_EQ(action.paths[1].source_mode->x, 1280);
    const DisplayPaths after{lit(kOurs, 0, 0, 1280, 800)};
    EXPECT_EQ(change.next(&after, 1).kind, Kind::done);
    EXPECT_EQ(change.outcome(), ModeSwitch::Outcome::exact);
}

TEST(ModeSwitch, AnotherSizeNeedsANewArrival) {
    ModeSwitch change(kOurs, kSmall, {});
    EXPECT_EQ(Watch(change).until_change({lit(kOurs, 0)}).kind, Kind::done);
    EXPECT_EQ(change.outcome(), ModeSwitch::Outcome::unpublished);
}

TEST(ModeSwitch, OneThatDoesNotComeIsToldWithWhatIs) {
    ModeSwitch change(kOurs, kSmall, {{kSmall}});
    Watch watch(change);
    const DisplayPaths seen{lit(kOurs, 0)};
    EXPECT_EQ(watch.until_change(seen).kind, Kind::apply);
    EXPECT_EQ(watch.until_change(seen).kind, Kind::apply);
    EXPECT_EQ(watch.took_ms(), 1500);
    EXPECT_EQ(watch.until_change(seen).kind, Kind::done);
    EXPECT_EQ(change.outcome(), ModeSwitch::Outcome::differs);
    EXPECT_EQ(change.committed(), (Mode{1920, 1080, 60}));
}

TEST(ModeSwitch, ARateIsTheSameWithinAHundredthOfAHertz) {
    DisplayPath path = lit(kOurs, 0);
    path.refresh = {60'000, 1001};
    EXPECT_TRUE(runs_at(path, Mode::exact(1920, 1080, 59'940)));
    EXPECT_FALSE(runs_at(path, {1920, 1080, 60}));
    path.refresh = {0, 0};
    EXPECT_TRUE(runs_at(path, {1920, 1080, 60}));
    path.source_mode.reset();
    EXPECT_FALSE(runs_at(path, {1920, 1080, 60}));
}

}  // namespace
}  // namespace pf::host
