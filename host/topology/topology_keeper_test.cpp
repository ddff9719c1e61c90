// The keeper over screens that do as they are told, and what it says when they do not.
#include <pf/host/topology.hpp>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pf/host/errors.hpp>
#include <pf/os/program.hpp>
#include <pf/os/wait.hpp>

#include "topology/journal.hpp"
#include "topology/test/screens.hpp"

namespace pf::host {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TestClock final : public os::Clock {
public:
    std::int64_t now_ns() const override { return now_ns_; }
    bool wait(std::span<os::WaitItem> items, std::int64_t deadline_ns) const override {
        if (os::wait(items, os::now_ns())) {
            return true;
        }
        now_ns_ = std::max(now_ns_, deadline_ns);
        return false;
    }

private:
    mutable std::int64_t now_ns_ = 0;
};

class TestScreens final : public os::DisplaySystem {
public:
    os::Result<DisplayPaths> query(os::DisplayScope) override {
        return blind ? os::fail("ask", 5, os::Reaction::fallback, "not you")
                     : os::Result<DisplayPaths>(paths);
    }
    os::Result<void> apply(const DisplayPaths& wanted) override {
        ++changes;
        for (DisplayPath& path : paths) {
            const DisplayPath* lit = find_active(wanted, path.target);
            path = deaf ? path : lit != nullptr ? *lit : connected(path.target, path.source.id);
            path.name = path.active ? "D" : "";
        }
        return {};
    }
    os::Result<void> extend() override {
        ++changes;
        for (DisplayPath& path : paths) {
            path = deaf || path.active ? path : lit(path.target, 0, path.source.id);
        }
        return {};
    }
    os::Result<void> wake() override {
        ++wakes;
        return {};
    }

    DisplayPaths paths{lit(kPanel, 0, 0), lit(kBeamer, 1920, 1), lit(kOurs, 3840, 0)};
    bool blind = false;
    bool deaf = false;
    int changes = 0;
    int wakes = 0;
};

class TestJournal final : public JournalStore {
public:
    os::Result<std::optional<std::string>> read() override { return text; }
    os::Result<void> write(std::string_view fresh) override {
        if (full) {
            return os::fail("write", 112, os::Reaction::reject, "the disk is full");
        }
        text = fresh;
        return {};
    }
    os::Result<void> remove() override {
        text.reset();
        return {};
    }

    std::optional<std::string> text;
    bool full = false;
};

class Topology : public testing::Test {
protected:
    TestScreens screens_;
    TestJournal journal_;
    TestClock clock_;
    TopologyKeeper keeper_{screens_, journal_, nullptr, clock_};
};

TEST_F(Topology, IsolatesAndGivesBackAsItWas) {
    const DisplayPaths before = active_paths(screens_.paths);
    ASSERT_TRUE(keeper_.isolate({{kOurs}}));
    EXPECT_TRUE(keeper_.isolated());
    EXPECT_THAT(active_paths(screens_.paths), SizeIs(1));
    EXPECT_EQ(read_journal(journal_.text.value()),
              (std::vector<Screen>{kPanelScreen, kBeamerScreen}));
    ASSERT_TRUE(keeper_.restore());
    EXPECT_FALSE(journal_.text);
    for (const DisplayPath& path : before) {
        EXPECT_EQ(find_active(screens_.paths, path.target)->source_mode, path.source_mode);
    }
}

TEST_F(Topology, WithoutAJournalNothingIsChanged) {
    journal_.full = true;
    const auto isolated = keeper_.isolate({{kOurs}});
    ASSERT_FALSE(isolated);
    EXPECT_THAT(isolated.error().message(), HasSubstr("disk is full"));
    EXPECT_EQ(screens_.changes, 0);
}

TEST_F(Topology, TheSecondIsolationKeepsTheJournalOfTheFirst) {
    ASSERT_TRUE(keeper_.isolate({{kOurs}}));
    const auto first = journal_.text;
    const DisplayEnd second{kVirtual, 257};
    screens_.paths.push_back(lit(second, 1920, 1));
    ASSERT_TRUE(keeper_.isolate({{kOurs, second}}));
    EXPECT_EQ(journal_.text, first);
}

TEST_F(Topology, AJournalOfAnEarlierRunLightsTheScreens) {
    journal_.text = write_journal({kPanelScreen, kBeamerScreen});
    screens_.paths = {connected(kPanel, 0), connected(kBeamer, 1)};
    EXPECT_EQ(keeper_.recover(), true);
    EXPECT_THAT(active_paths(screens_.paths), SizeIs(2));
    EXPECT_FALSE(journal_.text);
    EXPECT_EQ(keeper_.recover(), false);
}

TEST_F(Topology, ADamagedJournalLightsAllThatThereIs) {
    journal_.text = "\x01\x02";
    screens_.paths = {lit(kPanel, 0, 0), connected(kBeamer, 1)};
    EXPECT_EQ(keeper_.recover(), true);
    EXPECT_THAT(active_paths(screens_.paths), SizeIs(2));
    EXPECT_FALSE(journal_.text);
}

TEST_F(Topology, DarkScreensKeepTheJournalAndTheErrorSaysWhatToDo) {
    ASSERT_TRUE(keeper_.isolate({{kOurs}}));
    screens_.deaf = true;
    const auto restored = keeper_.restore();
    ASSERT_FALSE(restored);
    EXPECT_THAT(restored.error().message(), HasSubstr("Windows+P"));
    EXPECT_TRUE(journal_.text);
    screens_.deaf = false;
    EXPECT_TRUE(keeper_.restore());
    EXPECT_FALSE(journal_.text);
}

TEST_F(Topology, ASystemThatDoesNotListenIsSaidSo) {
    screens_.deaf = true;
    const auto isolated = keeper_.isolate({{kOurs}});
    ASSERT_FALSE(isolated);
    EXPECT_THAT(isolated.error().message(), HasSubstr("keeps other screens lit"));
    EXPECT_FALSE(keeper_.isolated());
    EXPECT_FALSE(journal_.text);
}

TEST_F(Topology, ABlindSystemGivesItsOwnReason) {
    screens_.blind = true;
    const auto activated = keeper_.activate(kOurs);
    ASSERT_FALSE(activated);
    EXPECT_EQ(activated.error().code, 5);
    EXPECT_EQ(activated.error().reaction, os::Reaction::fallback);
    EXPECT_THAT(activated.error().message(), HasSubstr("not you"));
    EXPECT_EQ(screens_.changes, 0);
}

TEST_F(Topology, AMonitorThatNeverArrivedIsNotReplaced) {
    const auto activated = keeper_.activate({kVirtual, 999});
    ASSERT_FALSE(activated);
    EXPECT_EQ(activated.error().code, kDisplayOff);
    EXPECT_THAT(activated.error().message(), HasSubstr("never arrived"));
}

TEST_F(Topology, ASizeThatNeverComesCostsOneArrival) {
    ModeMemory memory;
    const Mode wanted{1000, 500, 60};
    const auto ask = [&] { return keeper_.set_mode(kOurs, wanted, {}, memory).value().kind; };
    EXPECT_EQ(ask(), ModeResult::Kind::needs_arrival);
    EXPECT_EQ(ask(), ModeResult::Kind::differs);
    EXPECT_EQ(ask(), ModeResult::Kind::differs);
    EXPECT_EQ(keeper_.set_mode(kOurs, wanted, {{wanted}}, memory).value().kind,
              ModeResult::Kind::exact);
    EXPECT_FALSE(journal_.text);
}

TEST_F(Topology, APictureIsOneOfItsOwnTarget) {
    const FrameOrigin other{kPanel, 1920, 1080};
    const FrameOrigin ours{kOurs, 1920, 1080};
    int looks = 0;
    EXPECT_TRUE(keeper_.await_picture(kOurs, [&] { return ++looks < 5 ? other : ours; }));
    EXPECT_EQ(looks, 5);
    const auto awaited = keeper_.await_picture(kOurs, [&] { return other; });
    ASSERT_FALSE(awaited);
    EXPECT_THAT(awaited.error().message(), HasSubstr("no frame of it comes"));
    EXPECT_EQ(screens_.wakes, 1);
    screens_.paths[2].active = false;
    const auto dark = keeper_.await_picture(kOurs, [&] { return ours; });
    ASSERT_FALSE(dark);
    EXPECT_THAT(dark.error().message(), HasSubstr("not lit"));
}

TEST_F(Topology, TheFlagEndsWaitingForAMonitorAndNothingElse) {
    const os::Flag cancel = os::Flag::create().value();
    cancel.set();
    TopologyKeeper keeper(screens_, journal_, &cancel, clock_);
    const auto activated = keeper.activate({kVirtual, 999});
    ASSERT_FALSE(activated);
    EXPECT_EQ(activated.error().code, kClosed);
    const auto awaited = keeper.await_picture(kOurs, [] { return std::nullopt; });
    ASSERT_FALSE(awaited);
    EXPECT_EQ(awaited.error().code, kClosed);
    ASSERT_TRUE(keeper.isolate({{kOurs}}));
    ASSERT_TRUE(keeper.restore());
    EXPECT_THAT(active_paths(screens_.paths), SizeIs(3));
}

TEST_F(Topology, TheEndOfTheKeeperGivesTheScreensBack) {
    {
        TopologyKeeper keeper(screens_, journal_, nullptr, clock_);
        ASSERT_TRUE(keeper.isolate({{kOurs}}));
    }
    EXPECT_THAT(active_paths(screens_.paths), SizeIs(3));
    EXPECT_FALSE(journal_.text);
}

TEST(JournalFile, LiesOnTheDiskUntilItIsTakenAway) {
    const std::string directory = os::make_temporary_directory("pf-topology").value();
    const auto store = open_journal_file(directory + "/screens");
    EXPECT_FALSE(store->read().value());
    ASSERT_TRUE(store->write("one"));
    EXPECT_EQ(open_journal_file(directory + "/screens")->read().value(), "one");
    ASSERT_TRUE(store->remove());
    ASSERT_TRUE(store->remove());
    EXPECT_FALSE(store->read().value());
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace pf::host
