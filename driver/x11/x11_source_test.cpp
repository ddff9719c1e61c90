#include "x11_source.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

#include "x11/test/x11_fixture.hpp"
#include "xorg/xorg_server.hpp"

namespace pf::driver {
namespace {

constexpr core::Mode kMode{640, 480, 60};
constexpr std::uint32_t kRed = 0xC01020;
constexpr std::uint32_t kGreen = 0x10C020;

TEST_F(X11SourceTest, ShowsWhatAProgramDrewAndWhere) {
    plug();
    ASSERT_TRUE(eventually([&] { return ring_.silent_for(300 * os::kMillisecond); }));
    painter_->fill({100, 50, 20, 10}, kRed);
    ASSERT_TRUE(ring_.await_pixel(110, 55, kRed));
    EXPECT_NE(ring_.pixel(99, 55), kRed);
    EXPECT_NE(ring_.pixel(110, 60), kRed);
    const auto& record = ring_.newest();
    ASSERT_EQ(record.flags & proto::kRecordFullDamage, 0U);
    ASSERT_GE(record.damage_count, 1U);
    EXPECT_EQ(record.damage[0].x, 100U);
    EXPECT_EQ(record.damage[0].y, 50U);
    EXPECT_EQ(record.damage[0].width, 20U);
    EXPECT_EQ(record.damage[0].height, 10U);
    EXPECT_GE(record.published_ticks, record.present_ticks);
}

TEST_F(X11SourceTest, IsSilentWhenIdleAndKeepsItsHeartbeat) {
    plug();
    ASSERT_TRUE(eventually([&] { return ring_.silent_for(300 * os::kMillisecond); }));
    const std::uint64_t beat = ring_.heartbeat();
    EXPECT_TRUE(ring_.silent_for(os::kSecond));
    EXPECT_GT(ring_.heartbeat(), beat);
    EXPECT_EQ(ring_.health(), proto::kHealthActive);
}

TEST_F(X11SourceTest, EverySlotStaysTrueWhileSmallPartsChange) {
    plug();
    for (std::uint32_t i = 0; i < 40; ++i) {
        const auto y = static_cast<std::int32_t>(i * 10);
        painter_->fill({static_cast<std::int32_t>(i * 7), y, 5, 5}, kGreen + i);
        ASSERT_TRUE(ring_.await_pixel(i * 7 + 2, i * 10 + 2, kGreen + i));
        for (std::uint32_t j = 0; j <= i; ++j) {
            ASSERT_EQ(ring_.pixel(j * 7 + 2, j * 10 + 2), kGreen + j) << i << " " << j;
        }
    }
}

TEST_F(X11SourceTest, DrawsThePointerAndTakesItAwayAgain) {
    plug();
    painter_->fill({0, 0, 640, 480}, kGreen);
    painter_->set_pointer(16, kRed);
    painter_->move_pointer(200, 100);
    ASSERT_TRUE(ring_.await_pixel(205, 105, kRed));
    painter_->move_pointer(400, 300);
    ASSERT_TRUE(ring_.await_pixel(405, 305, kRed));
    EXPECT_EQ(ring_.pixel(205, 105), kGreen);
    // A change beside the pointer must not draw it twice or lose it.
    painter_->fill({0, 290, 100, 30}, kRed);
    ASSERT_TRUE(ring_.await_pixel(50, 300, kRed));
    EXPECT_EQ(ring_.pixel(405, 305), kRed);
    EXPECT_EQ(ring_.pixel(417, 305), kGreen);
}

TEST_F(X11SourceTest, LeavesThePointerOutForAHardwareCursor) {
    plug(true);
    painter_->fill({0, 0, 640, 480}, kGreen);
    painter_->set_pointer(16, kRed);
    painter_->move_pointer(200, 100);
    ASSERT_TRUE(ring_.await_pixel(205, 105, kGreen));
    EXPECT_TRUE(eventually([&] { return ring_.silent_for(300 * os::kMillisecond); }));
    EXPECT_EQ(ring_.pixel(205, 105), kGreen);
    output_->set_cursor_forward(false);
    EXPECT_TRUE(ring_.await_pixel(205, 105, kRed));
    output_->set_cursor_forward(true);
    EXPECT_TRUE(ring_.await_pixel(205, 105, kGreen));
}

TEST_F(X11SourceTest, PaddedRowsGoThroughACopy) {
    plug();
    HostRing padded(kMode.width, kMode.height, kMode.width * 4 + 256);
    padded.attach_to(*output_);
    painter_->fill({100, 50, 20, 10}, kRed);
    ASSERT_TRUE(padded.await_pixel(110, 55, kRed));
    painter_->fill({100, 200, 20, 10}, kGreen);
    ASSERT_TRUE(padded.await_pixel(110, 205, kGreen));
    EXPECT_EQ(padded.pixel(110, 55), kRed);
}

TEST_F(X11SourceTest, AModeChangesInPlaceAndAWrongRingIsCounted) {
    plug();
    const core::Mode larger{800, 600, 60};
    ASSERT_TRUE(source_->set_mode(HostRing::kTarget, larger));
    EXPECT_TRUE(eventually([&] {
        painter_->fill({0, 0, 10, 10}, kRed);
        return ring_.mismatched() > 0;
    }));
    HostRing next(larger.width, larger.height);
    next.attach_to(*output_);
    painter_->fill({700, 500, 20, 20}, kRed);
    EXPECT_TRUE(next.await_pixel(710, 510, kRed));
    const auto refused = source_->set_mode(HostRing::kTarget, {16384, 16384, 1000});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reaction, os::Reaction::reject);
    painter_->fill({700, 500, 20, 20}, kGreen);
    EXPECT_TRUE(next.await_pixel(710, 510, kGreen));
}

TEST_F(X11SourceTest, MonitorsSeeOnlyTheirOwnPart) {
    plug();
    plug_other();
    painter_->fill({640, 0, 640, 480}, kGreen);
    ASSERT_TRUE(other_ring_.await_pixel(0, 0, kGreen));
    ASSERT_TRUE(eventually([&] { return ring_.silent_for(300 * os::kMillisecond); }));
    const std::uint32_t before = ring_.seq();
    painter_->fill({700, 100, 50, 50}, kRed);
    ASSERT_TRUE(other_ring_.await_pixel(70, 120, kRed));
    EXPECT_EQ(ring_.seq(), before);
    source_->unplug(kOther);
    EXPECT_EQ(lit(), 1U);
}

TEST_F(X11SourceTest, ADeadServerIsReplacedUnderLiveMonitors) {
    plug();
    ASSERT_TRUE(eventually([&] {
        painter_->fill({0, 0, 10, 10}, ring_.seq() % 2 == 0 ? kRed : kGreen);
        return ring_.seq() >= 5;
    }));
    const std::uint64_t shown = ring_.newest().source_sequence;
    const os::Process server = place_.server();
    os::stop_process(server, os::StopHow::kill);
    ASSERT_TRUE(eventually([&] {
        const auto record = place_.record();
        return record && !(record->process == server.identity());
    }));
    std::unique_ptr<Painter> next;
    ASSERT_TRUE(eventually([&] {
        try {
            next = std::make_unique<Painter>(place_.endpoint());
        } catch (const std::exception&) {
        }
        return next != nullptr;
    }));
    ASSERT_TRUE(eventually([&] { return next->randr().lit_areas(0).size() == 1; }));
    EXPECT_TRUE(eventually([&] {
        next->fill({10, 10, 20, 20}, kRed);
        return ring_.pixel(15, 15) == kRed;
    }));
    EXPECT_EQ(ring_.health(), proto::kHealthActive);
    EXPECT_GT(ring_.newest().source_sequence, shown)
        << "the ring is the same, so the count goes on";
    source_->unplug(HostRing::kTarget);
    EXPECT_TRUE(next->randr().lit_areas(0).empty());
}

TEST_F(X11SourceTest, AStoppedServerIsAGapWithAHeartbeat) {
    plug();
    const os::Process server = place_.server();
    ASSERT_EQ(::kill(static_cast<pid_t>(server.pid()), SIGSTOP), 0);
    EXPECT_TRUE(eventually([&] { return ring_.health() == proto::kHealthRebuilding; }));
    const std::uint64_t beat = ring_.heartbeat();
    EXPECT_TRUE(eventually([&] { return ring_.heartbeat() > beat; }));
    ASSERT_EQ(::kill(static_cast<pid_t>(server.pid()), SIGCONT), 0);
    EXPECT_TRUE(eventually([&] { return ring_.health() == proto::kHealthActive; }));
    EXPECT_EQ(place_.record()->process, server.identity());
    ASSERT_EQ(::kill(static_cast<pid_t>(server.pid()), SIGSTOP), 0);
    source_->begin_unplug(HostRing::kTarget);  // returns although nobody answers
    ASSERT_EQ(::kill(static_cast<pid_t>(server.pid()), SIGCONT), 0);
    EXPECT_TRUE(source_->await(SourceTask::unplug, HostRing::kTarget));
    EXPECT_EQ(lit(), 0U);
}

TEST_F(X11SourceTest, AnOrderlyEndTakesTheServerAlong) {
    plug();
    const os::Process server = place_.server();
    source_.reset();
    EXPECT_FALSE(server.alive());
    EXPECT_FALSE(place_.record());
}

// Runs a source with one monitor in a process of its own, until that is killed.
pid_t fork_driver(const ServerPlace& place) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        auto source = make_x11_source({"", place.path(), "test", ""});
        const auto output = make_output(false);
        test::WaitingSource waiting(source ? std::move(*source) : nullptr);
        const bool plugged = source && waiting.plug(make_spec(9, 4, kMode), output);
        (void)!::write(ready[1], plugged ? "y" : "n", 1);
        ::pause();
        ::_exit(0);
    }
    char answer = 0;
    EXPECT_EQ(::read(ready[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    ::close(ready[0]);
    ::close(ready[1]);
    return child;
}

TEST(X11SourceAdoption, AKilledDriversServerLivesOnAndIsCleared) {
    const ServerPlace place;
    const pid_t driver = fork_driver(place);
    const os::Process server = place.server();
    Painter program(place.endpoint());
    const xcb_window_t window = program.open_window({10, 10, 50, 50}, kRed);
    EXPECT_EQ(program.randr().lit_areas(0).size(), 1U);
    ASSERT_EQ(::kill(driver, SIGKILL), 0);
    ASSERT_EQ(::waitpid(driver, nullptr, 0), driver);
    EXPECT_TRUE(server.alive());

    const auto source = open_source(place);
    ASSERT_TRUE(source);
    EXPECT_EQ(place.record()->process, server.identity());
    EXPECT_TRUE(program.window_lives(window));
    EXPECT_TRUE(program.randr().lit_areas(0).empty());
    const auto output = make_output(false);
    HostRing ring(kMode.width, kMode.height);
    ASSERT_TRUE(source->plug(make_spec(HostRing::kTarget, 4, kMode), output));
    ring.attach_to(*output);
    EXPECT_TRUE(ring.await_pixel(20, 20, kRed));  // the program's window is still on the screen
    source->unplug(HostRing::kTarget);
}

TEST(X11SourceNamed, ANamedServerKeepsEverythingButOurMonitors) {
    const ServerPlace place;
    const ServerPlace mine;
    auto server = XorgServer::adopt_or_start({place.path(), ""});
    ASSERT_TRUE(server) << server.error().message();
    ::setenv("XAUTHORITY", server->xauthority().c_str(), 1);
    Painter program(place.endpoint());
    auto source = open_source(mine, server->endpoint().display);
    ASSERT_TRUE(source);
    EXPECT_EQ(program.randr().lit_areas(0).size(), 1U);  // the server's own first output
    const auto output = make_output(false);
    ASSERT_TRUE(source->plug(make_spec(HostRing::kTarget, 2, kMode), output));
    HostRing ring(kMode.width, kMode.height);
    ring.attach_to(*output);
    EXPECT_TRUE(ring.await_seq(1));
    EXPECT_EQ(program.randr().lit_areas(0).size(), 2U);
    source.reset();
    EXPECT_TRUE(server->process().alive());
    EXPECT_EQ(program.randr().lit_areas(0).size(), 1U);
    ::unsetenv("XAUTHORITY");
}

// No idle picture, but an end that a host notices, and a reason for the one that asks again.
TEST(X11SourceNamed, AServerThatIsGoneForLongCostsTheRing) {
    const ServerPlace place;
    const ServerPlace mine;
    auto server = XorgServer::adopt_or_start({place.path(), ""});
    ASSERT_TRUE(server) << server.error().message();
    ::setenv("XAUTHORITY", server->xauthority().c_str(), 1);
    X11Options options{server->endpoint().display, mine.path(), "test", ""};
    options.picture.lost_ns = os::kSecond / 2;
    auto made = make_x11_source(options);
    ASSERT_TRUE(made) << made.error().message();
    test::WaitingSource source(std::move(*made));
    const auto output = make_output(false);
    ASSERT_TRUE(source.plug(make_spec(HostRing::kTarget, 2, kMode), output));
    HostRing ring(kMode.width, kMode.height);
    ring.attach_to(*output);
    ASSERT_TRUE(ring.await_seq(1));
    os::stop_process(place.server(), os::StopHow::kill);
    EXPECT_TRUE(eventually([&] { return ring.health() == proto::kHealthDead; }));
    EXPECT_FALSE(output->attached());
    const auto again = source.plug(make_spec(10, 3, kMode), make_output(false));
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().message().find("no X server"), std::string::npos)
        << again.error().message();
    source.unplug(HostRing::kTarget);
    ::unsetenv("XAUTHORITY");
}

TEST(X11SourceNamed, SaysThatADisplayIsNotThere) {
    const ServerPlace mine;
    const auto source = make_x11_source({":9999", mine.path(), "test", ""});
    ASSERT_FALSE(source);
    EXPECT_NE(source.error().message().find("nobody answers"), std::string::npos);
    EXPECT_FALSE(make_x11_source({"far:0", mine.path(), "test", ""}));
}

}  // namespace
}  // namespace pf::driver
