// Sessions against real driver processes. The pattern's rows prove that a frame is whole, of the
// monitor asked for, and the one its metadata names.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pf/host/host.hpp>
#include <pf/os/instance_directory.hpp>
#include <pf/pattern/stamp.hpp>
#include <pf/proto/validate.hpp>

#include "test/driver_process.hpp"

namespace pf::host {
namespace {

using test::DriverProcess;
using test::find_instance;

constexpr Mode kSmall{320, 180, 60};
constexpr Mode kOther{400, 300, 60};

std::int64_t patience() {
    return os::deadline_after(30 * os::kSecond);
}

void expect_whole(const FrameView& view) {
    const std::uint32_t pixel = proto::bytes_per_pixel(static_cast<std::uint32_t>(view.format));
    const auto result = pattern::verify(
        {view.pixels(), std::size_t{view.pitch_bytes()} * view.height}, view.pitch_bytes(),
        view.width, view.height, pixel, view.target_id, view.source_sequence);
    ASSERT_TRUE(result.whole) << "seq " << view.seq << " row " << result.first_wrong_row;
}

// The next result that is not a timeout.
Next next_event(Session& session, std::int64_t deadline_ns = patience()) {
    for (;;) {
        auto next = session.next(deadline_ns);
        EXPECT_TRUE(next) << next.error().message();
        if (!next) {
            return {.kind = NextKind::closed};
        }
        if (next->kind != NextKind::timeout || os::now_ns() >= deadline_ns) {
            return std::move(*next);
        }
    }
}

void take_frames(Session& session, int count) {
    for (int i = 0; i < count; ++i) {
        const Next next = next_event(session);
        ASSERT_EQ(next.kind, NextKind::frame) << "at frame " << i;
        expect_whole(next.frame.view());
    }
}

class SessionTest : public testing::Test {
protected:
    static SessionOptions options(Mode mode = kSmall, std::uint32_t client_id = 0) {
        SessionOptions o;
        o.mode = mode;
        o.client_id = client_id;
        return o;
    }
    static std::unique_ptr<Session> open(const SessionOptions& o = options()) {
        auto session = Session::open(o);
        EXPECT_TRUE(session) << session.error().message();
        return session ? std::move(*session) : nullptr;
    }
    test::PrivateRuntime runtime_;
};

TEST_F(SessionTest, CapturesWholeFramesInOrder) {
    DriverProcess driver;
    const auto session = open(options(kSmall, 7));
    ASSERT_NE(session, nullptr);
    std::uint32_t last_seq = 0;
    for (int i = 0; i < 30; ++i) {
        const Next next = next_event(*session);
        ASSERT_EQ(next.kind, NextKind::frame);
        const FrameView& view = next.frame.view();
        EXPECT_GT(view.seq, last_seq);
        last_seq = view.seq;
        EXPECT_EQ(view.width, kSmall.width);
        EXPECT_EQ(view.height, kSmall.height);
        expect_whole(view);
    }
    const SessionStats stats = session->stats();
    EXPECT_EQ(stats.frames, 30u);
    EXPECT_EQ(stats.frames + stats.skipped, last_seq);
    EXPECT_EQ(stats.driver_pid, driver.pid());
    EXPECT_EQ(stats.monitor_id, 7u);
    EXPECT_EQ(stats.protocol, 6u);
    EXPECT_EQ(stats.instance, "main");
    EXPECT_EQ(stats.rejected + stats.stale + stats.rebuilds, 0u);
}

TEST_F(SessionTest, EveryProtocolFromTwoToSixCaptures) {
    for (const char* protocol : {"2", "3", "4", "5", "6"}) {
        DriverProcess driver(std::string("v") + protocol, {"--protocol", protocol});
        const auto session = open();
        ASSERT_NE(session, nullptr) << protocol;
        take_frames(*session, 5);
        EXPECT_EQ(std::to_string(session->stats().protocol), protocol);
        driver.stop();
    }
}

TEST_F(SessionTest, OtherProtocolsAreAMismatch) {
    for (const char* protocol : {"1", "7"}) {
        DriverProcess driver(std::string("v") + protocol, {"--protocol", protocol});
        const auto session = Session::open(options());
        ASSERT_FALSE(session);
        EXPECT_EQ(kind(session.error()), ErrorKind::protocol_mismatch);
        EXPECT_THAT(session.error().detail, testing::HasSubstr("speaks protocol "));
        driver.kill();
    }
}

TEST_F(SessionTest, EveryPatternAndFormat) {
    for (const char* pattern : {"copy", "zero-copy", "small-damage"}) {
        DriverProcess driver("main", {"--pattern", pattern});
        take_frames(*open(), 10);
        driver.stop();
    }
    for (const auto& [name, format] :
         {std::pair{"rgb10", PixelFormat::rgb10a2}, std::pair{"fp16", PixelFormat::rgba16f}}) {
        DriverProcess driver("main", {"--format", name});
        SessionOptions o = options();
        o.format = format;
        take_frames(*open(o), 5);
        driver.stop();
    }
}

TEST_F(SessionTest, DiscoveryLooksPastTheDead) {
    DriverProcess stale("a-stale"), stopped("b-stopped"), live("d-live");
    stale.kill();
    stopped.stop();
    auto failed = os::InstanceDirectory::acquire("c-failed");
    ASSERT_TRUE(failed);
    ASSERT_TRUE(failed->set_state(os::InstanceState::failed, "no Xorg here", 6));
    const auto session = open();
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(session->stats().instance, "d-live");
    const auto reports = survey_instances();
    ASSERT_TRUE(reports);
    ASSERT_EQ(reports->size(), 4u);
    EXPECT_EQ((*reports)[0].instance.state, os::InstanceState::stale);
    EXPECT_EQ((*reports)[1].instance.state, os::InstanceState::stopped);
    EXPECT_EQ((*reports)[2].instance.state, os::InstanceState::failed);
    EXPECT_THAT((*reports)[2].reason, testing::HasSubstr("no Xorg here"));
    EXPECT_TRUE((*reports)[3].usable);
}

TEST_F(SessionTest, NoDriverIsOneClearError) {
    const auto session = Session::open(options());
    ASSERT_FALSE(session);
    EXPECT_EQ(kind(session.error()), ErrorKind::no_driver);
    const auto displays = Displays::open({});
    ASSERT_FALSE(displays);
    EXPECT_EQ(kind(displays.error()), ErrorKind::no_driver);
}

TEST_F(SessionTest, AnIdleDesktopGivesItsFrameAndThenSilence) {
    DriverProcess driver("main", {"--pattern", "idle"});
    SessionOptions o = options();
    o.unresponsive_after_ns = os::kSecond;
    const auto session = open(o);
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(next_event(*session).kind, NextKind::frame);
    EXPECT_EQ(next_event(*session, os::deadline_after(3500 * os::kMillisecond)).kind,
              NextKind::timeout);
    EXPECT_EQ(session->stats().rebuilds, 0u);
}

TEST_F(SessionTest, ADeadDriverIsAPause) {
    DriverProcess driver;
    const auto session = open(options(kSmall, 2));
    ASSERT_NE(session, nullptr);
    take_frames(*session, 5);
    for (std::uint64_t i = 1; i <= 3; ++i) {
        const Frame kept = next_event(*session).frame;
        driver.kill();
        Next next = next_event(*session, os::deadline_after(50 * os::kMillisecond));
        while (next.kind == NextKind::frame) {  // published before the death
            expect_whole(next.frame.view());
            next = next_event(*session, os::deadline_after(50 * os::kMillisecond));
        }
        EXPECT_EQ(next.kind, NextKind::timeout) << "away, and no reason to block";
        EXPECT_EQ(session->stats().rebuilding, RebuildReason::driver_died);
        driver.restart();
        next = next_event(*session);
        ASSERT_EQ(next.kind, NextKind::rebuilt);
        EXPECT_EQ(next.reason, RebuildReason::driver_died);
        EXPECT_GT(next.recovery_ns, 0);
        EXPECT_LT(next.recovery_ns, 30 * os::kSecond);
        take_frames(*session, 5);
        expect_whole(kept.view());  // of the driver before
        const SessionStats stats = session->stats();
        EXPECT_EQ(stats.rebuilds, i);
        EXPECT_EQ(stats.driver_pid, driver.pid());
        EXPECT_EQ(stats.monitor_id, 2u);
        EXPECT_FALSE(stats.rebuilding);
    }
    EXPECT_EQ(session->stats().rejected + session->stats().stale, 0u);
}

TEST_F(SessionTest, AStoppedDriverEndsInARebuild) {
    DriverProcess driver;
    SessionOptions o = options();
    std::atomic<int> told{-1};
    o.unresponsive_after_ns = os::kSecond;
    o.on_rebuild = [&](RebuildReason reason, std::uint32_t) { told = static_cast<int>(reason); };
    const auto session = open(o);
    ASSERT_NE(session, nullptr);
    take_frames(*session, 3);
    driver.suspend();
    Next next;
    const std::int64_t deadline_ns = patience();
    while (told == -1 && os::now_ns() < deadline_ns) {
        next = session->next(os::deadline_after(50 * os::kMillisecond)).value();
    }
    EXPECT_EQ(told, static_cast<int>(RebuildReason::driver_unresponsive));
    EXPECT_EQ(session->stats().rebuilding, RebuildReason::driver_unresponsive);
    driver.resume();
    next = next_event(*session);
    ASSERT_EQ(next.kind, NextKind::rebuilt);
    EXPECT_EQ(next.reason, RebuildReason::driver_unresponsive);
    take_frames(*session, 5);
}

// It goes on in time to look alive, and then changes the mode after all.
TEST_F(SessionTest, AResizeThatADriverServesLateDoesNotFreezeThePicture) {
    DriverProcess driver;
    const auto session = open();
    ASSERT_NE(session, nullptr);
    take_frames(*session, 3);
    driver.suspend();
    const auto resized = session->resize(kOther);
    driver.resume();
    ASSERT_FALSE(resized);
    EXPECT_EQ(kind(resized.error()), ErrorKind::timeout);
    const Next next = next_event(*session);
    ASSERT_EQ(next.kind, NextKind::rebuilt);
    EXPECT_EQ(next.reason, RebuildReason::driver_unresponsive);
    take_frames(*session, 5);
    EXPECT_EQ(session->stats().mode, kSmall);
    EXPECT_EQ(find_instance("main").monitors.size(), 1u);
}

TEST_F(SessionTest, AStoppedDriverMayBeReplacedMeanwhile) {
    DriverProcess driver;
    SessionOptions o = options();
    o.unresponsive_after_ns = os::kSecond;
    o.on_rebuild = [&](RebuildReason, std::uint32_t pid) {
        EXPECT_EQ(pid, driver.pid());
        driver.kill();
        driver.restart();
    };
    const auto session = open(o);
    ASSERT_NE(session, nullptr);
    driver.suspend();
    Next next = next_event(*session);
    while (next.kind == NextKind::frame) {
        next = next_event(*session);
    }
    ASSERT_EQ(next.kind, NextKind::rebuilt);
    take_frames(*session, 5);
}

TEST_F(SessionTest, ADriverThatStaysDeadEndsWithTheBudget) {
    DriverProcess driver;
    SessionOptions o = options();
    o.policy.budget_ns = 300 * os::kMillisecond;
    const auto session = open(o);
    ASSERT_NE(session, nullptr);
    driver.kill();
    os::Result<Next> next = session->next(patience());
    while (next && next->kind == NextKind::frame) {
        next = session->next(patience());
    }
    ASSERT_FALSE(next);
    EXPECT_EQ(kind(next.error()), ErrorKind::driver_lost);
    EXPECT_THAT(next.error().message(), testing::HasSubstr("driver died on 'main'"));
    EXPECT_EQ(next.error().message().find('\n'), std::string::npos);
    EXPECT_FALSE(session->next(patience())) << "the error stays";
}

TEST_F(SessionTest, TooManyRebuildsInARowEndIt) {
    DriverProcess driver;
    SessionOptions o = options();
    o.policy.max_rebuilds = 1;
    const auto session = open(o);
    ASSERT_NE(session, nullptr);
    driver.kill();
    driver.restart();
    Next next = next_event(*session);
    while (next.kind == NextKind::frame) {
        next = next_event(*session);
    }
    ASSERT_EQ(next.kind, NextKind::rebuilt);
    driver.kill();
    driver.restart();
    os::Result<Next> last = session->next(patience());
    while (last && last->kind == NextKind::frame) {
        last = session->next(patience());
    }
    ASSERT_FALSE(last);
    EXPECT_EQ(kind(last.error()), ErrorKind::driver_lost);
}

TEST_F(SessionTest, CloseEndsAWaitAndARebuild) {
    DriverProcess driver("main", {"--pattern", "idle"});
    for (const bool dead : {false, true}) {
        const auto session = open();
        ASSERT_NE(session, nullptr);
        EXPECT_EQ(next_event(*session).kind, NextKind::frame);
        if (dead) {
            driver.kill();
        }
        std::thread closer([&] {
            os::sleep_until(os::deadline_after(50 * os::kMillisecond));
            session->close();
        });
        EXPECT_EQ(session->next(patience())->kind, NextKind::closed);
        EXPECT_EQ(session->next(patience())->kind, NextKind::closed);
        closer.join();
    }
}

TEST_F(SessionTest, ACancelEventEndsEveryWait) {
    DriverProcess driver("main", {"--pattern", "idle"});
    const os::Flag cancel = os::Flag::create().value();
    SessionOptions o = options();
    o.cancel = &cancel;
    const auto session = open(o);
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(next_event(*session).kind, NextKind::frame);
    std::thread canceller([&] { cancel.set(); });
    EXPECT_EQ(session->next(patience())->kind, NextKind::closed);
    canceller.join();
}

TEST_F(SessionTest, ResizesInPlaceAndByReArrival) {
    for (const char* protocol : {"6", "3"}) {
        DriverProcess driver(std::string("v") + protocol, {"--protocol", protocol});
        const auto session = open(options(kSmall, 4));
        ASSERT_NE(session, nullptr);
        take_frames(*session, 3);
        const std::uint32_t target_before = session->stats().target_id;
        const auto resized = session->resize(kOther);
        ASSERT_TRUE(resized) << resized.error().message();
        const Next next = next_event(*session);
        ASSERT_EQ(next.kind, NextKind::rebuilt);
        EXPECT_EQ(next.reason, RebuildReason::mode_changed);
        const Next frame = next_event(*session);
        ASSERT_EQ(frame.kind, NextKind::frame);
        EXPECT_EQ(frame.frame.view().width, kOther.width);
        take_frames(*session, 5);
        const SessionStats stats = session->stats();
        EXPECT_EQ(stats.mode, kOther);
        EXPECT_EQ(stats.monitor_id, 4u);
        EXPECT_EQ(stats.rebuilds, 0u);
        EXPECT_EQ(stats.target_id == target_before, protocol[0] == '6');
        EXPECT_EQ(kind(session->resize({0, 0, 0}).error()), ErrorKind::refused);
        take_frames(*session, 3);
        driver.stop();
    }
}

TEST_F(SessionTest, AResizedMonitorKeepsItsModeOverADeath) {
    DriverProcess driver;
    const auto session = open();
    ASSERT_NE(session, nullptr);
    ASSERT_TRUE(session->resize(kOther));
    EXPECT_EQ(next_event(*session).kind, NextKind::rebuilt);
    driver.kill();
    driver.restart();
    Next next = next_event(*session);
    while (next.kind == NextKind::frame) {
        next = next_event(*session);
    }
    ASSERT_EQ(next.kind, NextKind::rebuilt);
    next = next_event(*session);
    ASSERT_EQ(next.kind, NextKind::frame);
    EXPECT_EQ(next.frame.view().width, kOther.width);
}

TEST_F(SessionTest, SessionsOfAClientShareItsFrames) {
    DriverProcess driver("main", {"--pattern", "idle"});
    const auto displays = Displays::open({.instance = "", .linger_ns = 0}).value();
    const auto first = displays->open_session(options(kSmall, 3)).value();
    const auto second = displays->open_session(options(kSmall, 3)).value();
    EXPECT_EQ(first->stats().target_id, second->stats().target_id);
    // The second attach may have replaced the first ring; both end up on the newest.
    Next a = next_event(*first);
    if (a.kind == NextKind::rebuilt) {
        a = next_event(*first);
    }
    const Next b = next_event(*second);
    ASSERT_EQ(a.kind, NextKind::frame);
    ASSERT_EQ(b.kind, NextKind::frame);
    EXPECT_EQ(a.frame.view().pixels(), b.frame.view().pixels());
    ASSERT_EQ(displays->status().size(), 1u);
    EXPECT_EQ(displays->status()[0].sessions, 2u);
    SessionOptions other_format = options(kSmall, 3);
    other_format.format = PixelFormat::rgba16f;
    EXPECT_EQ(kind(displays->open_session(other_format).error()), ErrorKind::refused);
}

TEST_F(SessionTest, SharingSessionsFollowARebuildAndAResize) {
    DriverProcess driver;
    const auto displays = Displays::open({.instance = "", .linger_ns = 0}).value();
    const auto first = displays->open_session(options(kSmall, 3)).value();
    const auto second = displays->open_session(options(kSmall, 3)).value();
    const auto until_rebuilt = [](Session& session, RebuildReason reason) {
        Next next = next_event(session);
        const std::int64_t deadline_ns = patience();
        while (next.kind != NextKind::closed && os::now_ns() < deadline_ns &&
               !(next.kind == NextKind::rebuilt && next.reason == reason)) {
            next = next_event(session);
        }
        EXPECT_EQ(next.kind, NextKind::rebuilt);
    };
    ASSERT_TRUE(first->resize(kOther));
    until_rebuilt(*first, RebuildReason::mode_changed);
    until_rebuilt(*second, RebuildReason::mode_changed);
    EXPECT_EQ(second->stats().mode, kOther);
    driver.kill();
    driver.restart();
    std::thread other([&] { until_rebuilt(*second, RebuildReason::driver_died); });
    until_rebuilt(*first, RebuildReason::driver_died);
    other.join();
    EXPECT_EQ(displays->status().at(0).sessions, 2u);
    EXPECT_EQ(displays->status().at(0).mode, kOther);
    take_frames(*first, 3);
    take_frames(*second, 3);
}

TEST_F(SessionTest, AMonitorLingersForItsClient) {
    DriverProcess driver;
    const auto displays = Displays::open({.instance = "", .linger_ns = 60 * os::kSecond}).value();
    auto session = displays->open_session(options(kSmall, 5)).value();
    const std::uint32_t target = session->stats().target_id;
    session.reset();
    EXPECT_EQ(displays->status().at(0).state, DisplayState::lingering);
    session = displays->open_session(options(kSmall, 5)).value();
    EXPECT_EQ(session->stats().target_id, target);
    take_frames(*session, 3);
    session.reset();
    session = displays->open_session(options(kOther, 5)).value();
    EXPECT_EQ(session->stats().target_id, target) << "changed in place";
    take_frames(*session, 3);
}

TEST_F(SessionTest, ADeadLingeringMonitorIsReplaced) {
    DriverProcess driver;
    const auto displays = Displays::open({.instance = "", .linger_ns = 60 * os::kSecond}).value();
    displays->open_session(options(kSmall, 5)).value().reset();
    const auto bystander = displays->open_session(options(kOther, 6)).value();
    driver.kill();
    driver.restart();
    const auto session = displays->open_session(options(kSmall, 5));
    ASSERT_TRUE(session) << session.error().message();
    take_frames(**session, 3);
    Next next = next_event(*bystander);
    while (next.kind == NextKind::frame) {
        next = next_event(*bystander);
    }
    EXPECT_EQ(next.kind, NextKind::rebuilt);
    take_frames(*bystander, 3);
    EXPECT_EQ(bystander->stats().monitor_id, 6u);
}

TEST_F(SessionTest, APinnedMonitorReturnsWithoutASession) {
    DriverProcess driver;
    const auto displays = Displays::open({.instance = "", .linger_ns = 0}).value();
    auto session = displays->open_session(options(kSmall, 5)).value();
    ASSERT_TRUE(displays->pin(5, true));
    session.reset();
    ASSERT_EQ(displays->status().at(0).state, DisplayState::pinned);
    driver.kill();
    driver.restart();
    const std::int64_t deadline_ns = patience();
    while (find_instance("main").monitors.empty() && os::now_ns() < deadline_ns) {
        os::sleep_until(os::deadline_after(5 * os::kMillisecond));
    }
    EXPECT_EQ(find_instance("main").monitors.size(), 1u);
    session = displays->open_session(options(kSmall, 5)).value();
    take_frames(*session, 3);
}

TEST_F(SessionTest, TwoHostsSessionsDoNotTouchEachOther) {
    DriverProcess driver;
    const auto first = open(options(kSmall, 1));
    const auto second = open(options(kOther, 2));  // must not clear the first one's monitor
    ASSERT_NE(first, nullptr);
    ASSERT_NE(second, nullptr);
    take_frames(*first, 5);
    take_frames(*second, 5);
    EXPECT_EQ(first->stats().rebuilds, 0u);
}

TEST_F(SessionTest, TheCursorChannelIsThereWhenAskedFor) {
    DriverProcess driver;
    SessionOptions o = options();
    o.hw_cursor = true;
    const auto session = open(o);
    ASSERT_NE(session, nullptr);
    take_frames(*session, 5);
    EXPECT_TRUE(session->stats().cursor_channel);
    (void)session->cursor();
    DriverProcess old("old", {"--protocol", "4"});
    o.instance = "old";
    const auto without = open(o);
    ASSERT_NE(without, nullptr);
    EXPECT_FALSE(without->stats().cursor_channel);
    EXPECT_FALSE(without->cursor());
    take_frames(*without, 3);
}

}  // namespace
}  // namespace pf::host
