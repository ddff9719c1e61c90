// Sessions on a driver that keeps to a script: what a real one does too rarely to be waited for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <time.h>

#include <map>
#include <thread>

#include <pf/core/memory_slots.hpp>
#include <pf/host/host.hpp>
#include <pf/os/clock.hpp>
#include <pf/os/process.hpp>
#include <pf/os/test/event_abuse.hpp>
#include <pf/proto/shared_access.hpp>

#include "session/shared_displays.hpp"
#include "test/fake_driver.hpp"

namespace pf::host {
namespace {

using testing::HasSubstr;

constexpr Mode kMode{64, 16, 60};
constexpr Mode kOther{32, 16, 60};
constexpr std::int64_t kShort = 50 * os::kMillisecond;

// A ring as it arrived at the driver, opened by driver core.
struct DeliveredRing final : core::Waker {
    void wake() override { event.signal(); }

    core::RingMemory memory;
    core::MemorySlots slot_set;
    os::WritableMapping header;
    std::array<os::WritableMapping, proto::kRingLen> slots;
    os::Event event;
    std::unique_ptr<core::FramePublisher> publisher;

    void publish() {
        auto claim =
            publisher->claim({1, os::now_ticks(), core::DamageRegion::full()}, os::now_ticks());
        ASSERT_TRUE(claim);
        publisher->publish(std::move(*claim), os::now_ticks(), os::now_ticks());
        event.signal();
    }
    void refuse(std::uint32_t error_code) {
        publisher->attach_failed(core::RingHeader::read(memory.header), memory.generation,
                                 error_code);
    }
    // What somebody made the monitor show.
    void show(std::uint32_t width, std::uint32_t height) {
        publisher->set_source_size(proto::pack_source_size(width, height));
        event.signal();
    }
    void show_nothing() {
        publisher->set_source_size(proto::kSourceSwitchedOff);
        event.signal();
    }
};

class ScriptedDriverTest : public testing::Test {
protected:
    ScriptedDriverTest() { use(driver_); }

    void use(const std::shared_ptr<test::FakeDriver>& driver) {
        driver->on_give = [this](std::uint64_t value, const os::Handle& handle) {
            given_[value] = handle.duplicate().value();
        };
        driver->adapter.on_ring = [this](std::uint32_t target, const core::RingDelivery& ring) {
            deliver(target, ring);
        };
        system_.set("main", {.driver = driver});
    }

    void deliver(std::uint32_t target_id, const core::RingDelivery& delivery) {
        ++deliveries_;
        ring_ = std::make_unique<DeliveredRing>();
        const auto map = [this](std::uint64_t value) {
            auto region = os::Region::adopt(std::move(given_[value]), 1).value();
            return os::WritableMapping::map(region).value();
        };
        ring_->header = map(delivery.header);
        ring_->memory.header = ring_->header.bytes();
        for (std::size_t i = 0; i < ring_->slots.size(); ++i) {
            ring_->slots[i] = map(delivery.slots[i]);
            ring_->memory.slots[i] = ring_->slots[i].bytes();
        }
        ring_->event = os::Event::adopt(std::move(given_[delivery.event])).value();
        ring_->memory.ring_len = delivery.ring_len;
        ring_->memory.generation = delivery.generation;
        ring_->publisher = std::make_unique<core::FramePublisher>(
            core::PublisherConfig{.target_id = target_id, .luid_low = 1, .luid_high = 0});
        given_.clear();
        on_ring_();
    }

    void open_ring() {
        core::attach_memory(*ring_->publisher, ring_->slot_set, ring_->memory, *ring_,
                            os::now_ticks());
    }

    std::shared_ptr<SharedDisplays> displays() {
        auto wake = os::Flag::create().value();
        const StopSignal stop(std::move(wake), nullptr);
        return SharedDisplays::open(system_.system(), {.device = {}, .monitors = {.linger_ns = 0}},
                                    &stop)
            .value();
    }

    static SessionOptions options() {
        SessionOptions o;
        o.mode = kMode;
        o.client_id = 3;
        return o;
    }

    std::map<std::uint64_t, os::Handle> given_;
    std::unique_ptr<DeliveredRing> ring_;
    int deliveries_ = 0;
    std::function<void()> on_ring_ = [this] { open_ring(); };
    std::shared_ptr<test::FakeDriver> driver_ = std::make_shared<test::FakeDriver>();
    test::FakeSystem system_;
};

std::int64_t thread_cpu_ns() {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return used.tv_sec * os::kSecond + used.tv_nsec;
}

// Until something other than a timeout comes.
os::Result<Next> next_event(Session& session) {
    const std::int64_t deadline_ns = os::deadline_after(30 * os::kSecond);
    for (;;) {
        auto next = session.next(deadline_ns);
        if (!next || next->kind != NextKind::timeout || os::now_ns() >= deadline_ns) {
            return next;
        }
    }
}

TEST_F(ScriptedDriverTest, AnOpenedRingShowsFrames) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    ring_->publish();
    const auto next = next_event(**session);
    ASSERT_TRUE(next) << next.error().message();
    EXPECT_EQ(next->kind, NextKind::frame);
}

TEST_F(ScriptedDriverTest, AWakeEndsTheWaitOfItsOwnSessionOnly) {
    const auto shared = displays();
    const auto session = shared->open_session(options()).value();
    const auto other = shared->open_session(options()).value();
    const std::int64_t deadline_ns = os::deadline_after(30 * os::kSecond);
    std::thread waker([&] { session->wake(); });
    EXPECT_EQ(session->next(deadline_ns).value().kind, NextKind::woken);
    waker.join();
    EXPECT_LT(os::now_ns(), deadline_ns);
    EXPECT_EQ(session->next(os::now_ns()).value().kind, NextKind::timeout);
    EXPECT_EQ(other->next(os::now_ns()).value().kind, NextKind::timeout);
}

TEST_F(ScriptedDriverTest, WakesBeforeANextCountOnceAndAFrameGoesFirst) {
    const auto session = displays()->open_session(options()).value();
    ring_->publish();
    session->wake();
    session->wake();
    EXPECT_EQ(session->next(os::now_ns()).value().kind, NextKind::frame);
    EXPECT_EQ(session->next(os::now_ns()).value().kind, NextKind::woken);
    EXPECT_EQ(session->next(os::now_ns()).value().kind, NextKind::timeout);
}

TEST_F(ScriptedDriverTest, ARingThatNobodyOpensIsATimeoutThatSaysSo) {
    on_ring_ = [] {};
    SessionOptions o = options();
    o.attach_timeout_ns = kShort;
    const auto session = displays()->open_session(o);
    ASSERT_FALSE(session);
    EXPECT_EQ(kind(session.error()), ErrorKind::timeout) << session.error().message();
    EXPECT_THAT(session.error().message(), HasSubstr("never opened it"));
    EXPECT_EQ(driver_->monitors(), 0u);
}

TEST_F(ScriptedDriverTest, TheCallerLightsItsMonitorBeforeTheRingAndAgainWhenItIsMadeAnew) {
    std::vector<os::DisplayEnd> told;
    SessionOptions o = options();
    o.on_added = [&](const os::DisplayEnd& target) -> os::Result<void> {
        EXPECT_EQ(deliveries_, static_cast<int>(told.size()));
        told.push_back(target);
        return {};
    };
    auto session = displays()->open_session(o);
    ASSERT_TRUE(session) << session.error().message();
    const SessionStats stats = (*session)->stats();
    ASSERT_EQ(told, (std::vector{os::DisplayEnd{stats.adapter, stats.target_id}}));
    ring_->publisher->retire();
    ring_->event.signal();
    ASSERT_EQ(next_event(**session)->kind, NextKind::rebuilt);
    EXPECT_EQ(told.size(), 2u);
}

TEST_F(ScriptedDriverTest, AMonitorThatTheCallerCannotLightIsNotUsed) {
    SessionOptions o = options();
    o.on_added = [](const os::DisplayEnd&) -> os::Result<void> {
        return os::fail("light the monitor", kDisplayOff, os::Reaction::retry, "it stays dark");
    };
    const auto session = displays()->open_session(o);
    ASSERT_FALSE(session);
    EXPECT_EQ(kind(session.error()), ErrorKind::display_off);
    EXPECT_EQ(deliveries_, 0);
    EXPECT_EQ(driver_->monitors(), 0u);
}

TEST_F(ScriptedDriverTest, ARingThatCannotBeOpenedSaysWhy) {
    on_ring_ = [this] { ring_->refuse(17); };
    const auto session = displays()->open_session(options());
    ASSERT_FALSE(session);
    EXPECT_THAT(session.error().message(), HasSubstr("cannot open the ring's slots (detail 17)"));
    EXPECT_EQ(driver_->monitors(), 0u);
}

TEST_F(ScriptedDriverTest, ACancelEndsTheWaitForARing) {
    const auto cancel = os::Flag::create().value();
    on_ring_ = [&cancel] { cancel.set(); };
    SessionOptions o = options();
    o.attach_timeout_ns = 300 * os::kSecond;
    o.cancel = &cancel;
    const auto session = displays()->open_session(o);
    ASSERT_FALSE(session);
    EXPECT_THAT(session.error().message(), HasSubstr("closed meanwhile"));
}

TEST_F(ScriptedDriverTest, ADeathEndsTheWaitForARing) {
    os::ChildProcess::Options sleeper;
    sleeper.arguments = {PF_TEST_IDLE};
    auto child = os::ChildProcess::spawn(sleeper).value();
    driver_->process = os::Process::open(child.process().pid()).value();
    driver_->named_pid = child.process().pid();
    on_ring_ = [&child] { child.stop(os::StopHow::kill); };
    SessionOptions o = options();
    o.attach_timeout_ns = 300 * os::kSecond;
    const auto session = displays()->open_session(o);
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().reaction, os::Reaction::reopen) << session.error().message();
}

TEST_F(ScriptedDriverTest, AMonitorLoopThatStandsStillGetsItsMonitorAddedAgain) {
    SessionOptions o = options();
    o.unresponsive_after_ns = 300 * os::kMillisecond;
    auto session = displays()->open_session(o);
    ASSERT_TRUE(session) << session.error().message();
    ring_->publisher->heartbeat(os::now_ticks());
    ring_->publish();
    ASSERT_EQ(next_event(**session)->kind, NextKind::frame);
    const auto next = next_event(**session);  // the driver answers pings, this loop turns no more
    ASSERT_TRUE(next) << next.error().message();
    ASSERT_EQ(next->kind, NextKind::rebuilt);
    EXPECT_EQ(next->reason, RebuildReason::ring_lost);
    EXPECT_EQ(deliveries_, 2);
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 2u);
    EXPECT_EQ(driver_->monitors(), 1u);
    ring_->publish();
    EXPECT_EQ(next_event(**session)->kind, NextKind::frame);
}

TEST_F(ScriptedDriverTest, ARingThatTheDriverGivesUpIsDeliveredAgain) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    ring_->publisher->retire();
    ring_->event.signal();
    const auto next = next_event(**session);
    ASSERT_TRUE(next) << next.error().message();
    ASSERT_EQ(next->kind, NextKind::rebuilt);
    EXPECT_EQ(next->reason, RebuildReason::ring_lost);
    EXPECT_EQ(deliveries_, 2);
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 2u) << "only that can tell what is wrong";
}

TEST_F(ScriptedDriverTest, ASizeThatOthersSetIsFollowedOnTheSameMonitor) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    ring_->show(kOther.width, kOther.height);
    const auto next = next_event(**session);
    ASSERT_TRUE(next) << next.error().message();
    ASSERT_EQ(next->kind, NextKind::rebuilt);
    EXPECT_EQ(next->reason, RebuildReason::mode_changed);
    ring_->publish();
    const auto shown = next_event(**session);
    ASSERT_EQ(shown->kind, NextKind::frame);
    EXPECT_EQ(shown->frame.view().width, kOther.width);
    const SessionStats stats = (*session)->stats();
    EXPECT_EQ(stats.mode, kOther);
    EXPECT_EQ(stats.rebuilds, 0u);
    EXPECT_EQ(stats.rebuilding, std::nullopt);
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 1u);
    EXPECT_EQ(driver_->count(proto::kIoctlUpdateModes), 0u) << "nobody changes it back";
    EXPECT_TRUE((*session)->resize(kMode)) << "the host may still ask for its own";
    EXPECT_EQ(driver_->count(proto::kIoctlUpdateModes), 1u);
}

TEST_F(ScriptedDriverTest, ASizeThatFlapsIsFollowedAtABoundedRateAndEndsNothing) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    on_ring_ = [this] {
        open_ring();
        const bool wide = ring_->publisher->geometry().width == kMode.width;
        ring_->show(wide ? kOther.width : kMode.width, kMode.height);
    };
    ring_->show(kOther.width, kOther.height);
    const std::int64_t begun_ns = os::now_ns();
    for (int i = 1; i <= 5; ++i) {
        const auto next = next_event(**session);
        ASSERT_TRUE(next) << next.error().message();
        ASSERT_EQ(next->kind, NextKind::rebuilt);
    }
    const RebuildPolicy policy;
    EXPECT_GE(os::now_ns() - begun_ns, (1 + 2 + 4 + 8) * policy.first_backoff_ns);
    EXPECT_EQ((*session)->stats().rebuilds, 0u);
}

TEST_F(ScriptedDriverTest, AMonitorThatStaysSwitchedOffIsAnErrorOfItsOwn) {
    SessionOptions o = options();
    o.attach_timeout_ns = 300 * os::kMillisecond;
    auto session = displays()->open_session(o);
    ASSERT_TRUE(session) << session.error().message();
    ring_->show_nothing();
    ASSERT_EQ((*session)->next(os::deadline_after(kShort))->kind, NextKind::timeout);
    ring_->show(kMode.width, kMode.height);  // back in time
    ring_->publish();
    ASSERT_EQ(next_event(**session)->kind, NextKind::frame);
    ring_->show_nothing();
    const auto next = next_event(**session);
    ASSERT_FALSE(next);
    EXPECT_EQ(kind(next.error()), ErrorKind::display_off);
    EXPECT_THAT(next.error().message(), HasSubstr("switched monitor 3 of 'main' off"));
    EXPECT_THAT(next.error().message(), HasSubstr("xrandr --output DUMMY3 --auto"));
    EXPECT_FALSE((*session)->next(0)) << "the error stays";
}

TEST_F(ScriptedDriverTest, ASizeThatNoModeHasIsNotBelieved) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    ring_->show(16385, 1);
    ring_->publish();
    EXPECT_EQ(next_event(**session)->kind, NextKind::frame);
    EXPECT_EQ((*session)->next(os::deadline_after(kShort))->kind, NextKind::timeout);
    EXPECT_EQ(deliveries_, 1);
}

TEST_F(ScriptedDriverTest, AConnectionThatEndsIsMadeAgain) {
    const auto shared = displays();
    auto session = shared->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    const auto successor = std::make_shared<test::FakeDriver>();
    use(successor);
    driver_->die();
    shared->device().probe();
    const auto next = next_event(**session);
    ASSERT_TRUE(next) << next.error().message();
    ASSERT_EQ(next->kind, NextKind::rebuilt);
    EXPECT_EQ(next->reason, RebuildReason::device_gone);
    EXPECT_EQ(successor->monitors(), 1u);
    EXPECT_EQ(successor->count(proto::kIoctlClearAll), 0u) << "other hosts' monitors stay";
}

TEST_F(ScriptedDriverTest, AMonitorThatTheDriverForgotIsAddedAgain) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    driver_->fail_next(proto::kIoctlSetFrameChannel,
                       test::error_of(proto::kStatusNotFound, os::Reaction::retry));
    ring_->show(kOther.width, kOther.height);
    const auto next = next_event(**session);
    ASSERT_TRUE(next) << next.error().message();
    EXPECT_EQ(next->kind, NextKind::rebuilt);
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 2u);
}

TEST_F(ScriptedDriverTest, AModeThatIsRefusedOnARebuildEndsTheSessionAtOnce) {
    SessionOptions o = options();
    o.attach_timeout_ns = kShort;
    auto session = displays()->open_session(o);
    ASSERT_TRUE(session) << session.error().message();
    driver_->fail_next(proto::kIoctlAdd,
                       test::error_of(proto::kStatusInvalidParameter, os::Reaction::reject));
    ring_->publisher->count_mismatch(os::now_ticks());
    const auto next = next_event(**session);
    ASSERT_FALSE(next);
    EXPECT_EQ(kind(next.error()), ErrorKind::refused) << next.error().message();
    EXPECT_FALSE((*session)->next(0)) << "and it stays so";
}

TEST_F(ScriptedDriverTest, ASharingSessionFollowsToTheMonitorThatWasAddedAgain) {
    SessionOptions o = options();
    o.attach_timeout_ns = kShort;
    const auto shared = displays();
    auto first = shared->open_session(o);
    ASSERT_TRUE(first) << first.error().message();
    auto second = shared->open_session(o);
    ASSERT_TRUE(second) << second.error().message();
    EXPECT_EQ(deliveries_, 1);
    ring_->publisher->count_mismatch(os::now_ticks());
    ASSERT_EQ(next_event(**first)->kind, NextKind::rebuilt);
    const auto followed = next_event(**second);
    ASSERT_TRUE(followed) << followed.error().message();
    ASSERT_EQ(followed->kind, NextKind::rebuilt);
    EXPECT_EQ(deliveries_, 2);
    ring_->publish();
    EXPECT_EQ(next_event(**first)->kind, NextKind::frame);
    EXPECT_EQ(next_event(**second)->kind, NextKind::frame);
}

TEST_F(ScriptedDriverTest, TheModeThatItHasChangesNothing) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    EXPECT_TRUE((*session)->resize(kMode));
    EXPECT_EQ(deliveries_, 1);
}

TEST_F(ScriptedDriverTest, WhenEveryFrameHasAnotherSizeTheMonitorIsAddedAgain) {
    SessionOptions o = options();
    o.attach_timeout_ns = kShort;
    auto session = displays()->open_session(o);
    ASSERT_TRUE(session) << session.error().message();
    ring_->publisher->count_mismatch(os::now_ticks());
    const auto next = next_event(**session);
    ASSERT_TRUE(next) << next.error().message();
    ASSERT_EQ(next->kind, NextKind::rebuilt);
    EXPECT_EQ(next->reason, RebuildReason::ring_lost);
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 2u);
}

// An older driver takes a ring of any format, and counts what does not fit.
TEST_F(ScriptedDriverTest, WhenAddingItAgainDoesNotHelpTheSessionIsRefused) {
    on_ring_ = [this] {
        open_ring();
        ring_->publisher->count_mismatch(os::now_ticks());
    };
    SessionOptions o = options();
    o.attach_timeout_ns = kShort;
    auto session = displays()->open_session(o);
    ASSERT_TRUE(session) << session.error().message();
    ASSERT_EQ(next_event(**session)->kind, NextKind::rebuilt);
    const auto next = next_event(**session);
    ASSERT_FALSE(next);
    EXPECT_EQ(kind(next.error()), ErrorKind::refused) << next.error().message();
    EXPECT_THAT(next.error().message(), HasSubstr("another size or pixel format"));
    EXPECT_THAT((*session)->stats().no_frame, HasSubstr("another size or pixel format"));
    EXPECT_EQ(deliveries_, 2) << "no loop";
}

TEST_F(ScriptedDriverTest, AFormatThatTheDriverRefusesIsAnErrorAtOnceWithItsReason) {
    driver_->remark_on(proto::kIoctlSetFrameChannel, {"rgb10 is not to be had", true});
    on_ring_ = [this] { ring_->refuse(0x20000005); };
    SessionOptions o = options();
    o.format = PixelFormat::rgb10a2;
    const auto session = displays()->open_session(o);
    ASSERT_FALSE(session);
    EXPECT_EQ(kind(session.error()), ErrorKind::refused);
    EXPECT_THAT(session.error().message(), HasSubstr("rgb10 is not to be had"));
    EXPECT_EQ(deliveries_, 1);
    EXPECT_EQ(driver_->monitors(), 0u);
}

TEST_F(ScriptedDriverTest, WhyNoFrameCameIsToldUntilOneDoes) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    (void)(*session)->next(0);
    EXPECT_THAT((*session)->stats().no_frame, HasSubstr("nothing was composed"));
    ring_->publish();
    ASSERT_EQ(next_event(**session)->kind, NextKind::frame);
    EXPECT_EQ((*session)->stats().no_frame, "");
}

TEST_F(ScriptedDriverTest, WhatWasPublishedBeforeASessionJoinedIsNotSkippedByIt) {
    const auto shared = displays();
    auto first = shared->open_session(options());
    ASSERT_TRUE(first) << first.error().message();
    for (int i = 0; i < 5; ++i) {
        ring_->publish();
    }
    auto second = shared->open_session(options());
    ASSERT_TRUE(second) << second.error().message();
    ASSERT_EQ(next_event(**second)->kind, NextKind::frame);
    EXPECT_EQ((*second)->stats().skipped, 0u);
    ASSERT_EQ(next_event(**first)->kind, NextKind::frame);
    EXPECT_EQ((*first)->stats().skipped, 4u) << "they were for this one";
    for (int i = 0; i < 3; ++i) {
        ring_->publish();
    }
    ASSERT_EQ(next_event(**second)->kind, NextKind::frame);
    EXPECT_EQ((*second)->stats().skipped, 2u);
}

// It stands still with the counter full, so that a write(2) to the event would never return.
TEST_F(ScriptedDriverTest, ADriverThatBlocksTheEventHoldsUpNobody) {
    on_ring_ = [this] {
        open_ring();
        os::test::fill_and_make_blocking(ring_->event);
    };
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    ring_->publisher->retire();
    ASSERT_EQ(next_event(**session)->kind, NextKind::rebuilt);
    ASSERT_TRUE((*session)->resize(kOther));
    ASSERT_EQ(next_event(**session)->kind, NextKind::rebuilt);
    (*session)->close();
    EXPECT_EQ((*session)->next(os::kNever)->kind, NextKind::closed);
    session->reset();
    EXPECT_EQ(driver_->monitors(), 0u);
}

// Without a status the session waits for the attach timeout, and not by asking all the time.
TEST_F(ScriptedDriverTest, ATokenWithoutAStatusIsWaitedForAtRest) {
    on_ring_ = [this] {
        auto& header = *reinterpret_cast<proto::SharedHeader*>(ring_->memory.header.data());
        proto::store_release(header.latest,
                             proto::FrameToken{ring_->memory.generation, 1, 0}.pack());
    };
    SessionOptions o = options();
    o.attach_timeout_ns = os::kSecond;
    const std::int64_t before_ns = thread_cpu_ns();
    const auto session = displays()->open_session(o);
    ASSERT_FALSE(session);
    EXPECT_EQ(kind(session.error()), ErrorKind::timeout);
    EXPECT_LT(thread_cpu_ns() - before_ns, o.attach_timeout_ns / 2);
}

TEST_F(ScriptedDriverTest, AModeWhoseRingIsNotOpenedIsTakenBack) {
    SessionOptions o = options();
    o.attach_timeout_ns = kShort;
    auto session = displays()->open_session(o);
    ASSERT_TRUE(session) << session.error().message();
    on_ring_ = [this] {
        if (driver_->adapter.modes.begin()->second.width == kMode.width) {
            open_ring();
        }
    };
    const auto resized = (*session)->resize(kOther);
    ASSERT_FALSE(resized);
    EXPECT_THAT(resized.error().message(), HasSubstr("never opened it"));
    EXPECT_EQ((*session)->stats().mode, kMode);
    EXPECT_EQ(next_event(**session)->kind, NextKind::rebuilt);
    ring_->publish();
    EXPECT_EQ(next_event(**session)->frame.view().width, kMode.width);
}

TEST_F(ScriptedDriverTest, AConnectionThatEndsUnderAResizeIsMadeAgain) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    driver_->lose_reply(proto::kIoctlUpdateModes);
    EXPECT_FALSE((*session)->resize(kOther));
    const auto next = next_event(**session);
    ASSERT_TRUE(next) << next.error().message();
    ASSERT_EQ(next->kind, NextKind::rebuilt);
    ring_->publish();
    EXPECT_EQ(next_event(**session)->frame.view().width, kMode.width);
    EXPECT_EQ(driver_->adapter.modes.size(), 1u);
}

TEST_F(ScriptedDriverTest, ASharingSessionRebuildsItselfWhenTheOthersMonitorIsGoneAgain) {
    const auto shared = displays();
    auto first = shared->open_session(options());
    ASSERT_TRUE(first) << first.error().message();
    auto second = shared->open_session(options());
    ASSERT_TRUE(second) << second.error().message();
    shared->device().retire(shared->device().current());
    ASSERT_EQ(next_event(**first)->kind, NextKind::rebuilt);
    shared->device().retire(shared->device().current());
    const auto next = next_event(**second);
    ASSERT_TRUE(next) << next.error().message();
    EXPECT_EQ(next->kind, NextKind::rebuilt);
    EXPECT_EQ(next->reason, RebuildReason::device_gone);
}

TEST_F(ScriptedDriverTest, ASessionIsClosedWhileAnotherAttaches) {
    const auto shared = displays();
    on_ring_ = [] {};  // the first waits for it in vain
    SessionOptions o = options();
    o.attach_timeout_ns = os::kSecond;
    std::thread first([&] { EXPECT_FALSE(shared->open_session(o)); });
    const auto references = [&] {
        const auto all = shared->status();
        return all.empty() ? 0u : all[0].sessions;
    };
    const auto wait_for = [](auto condition) {
        const std::int64_t deadline_ns = os::deadline_after(20 * os::kSecond);
        while (!condition() && os::now_ns() < deadline_ns) {
            os::sleep_until(os::deadline_after(os::kMillisecond));
        }
    };
    wait_for([&] { return driver_->count(proto::kIoctlSetFrameChannel) == 1; });
    const auto cancel = os::Flag::create().value();
    std::thread second([&] {
        SessionOptions cancelled = o;
        cancelled.cancel = &cancel;
        const auto session = shared->open_session(cancelled);
        ASSERT_FALSE(session);
        EXPECT_EQ(session.error().code, kClosed);
    });
    wait_for([&] { return references() == 2; });
    cancel.set();
    second.join();
    first.join();
}

// The handle may be ready once too often.
void take_all_until_unready(Session& session, os::Handle::Native handle) {
    const std::int64_t deadline_ns = os::deadline_after(10 * os::kSecond);
    bool ready = true;
    while (ready && os::now_ns() < deadline_ns) {
        while (session.next(0)->kind != NextKind::timeout) {
        }
        ready = os::test::is_ready(handle);
    }
    EXPECT_FALSE(ready);
}

// The driver writes into the newest slot at the very moment: its signal was taken, the frame was
// not.
TEST_F(ScriptedDriverTest, AFrameThatCannotBeHadYetKeepsTheWaitHandleReadable) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    const auto handle = (*session)->wait_handle().value();
    take_all_until_unready(**session, handle);
    ring_->publish();
    auto& ring = *reinterpret_cast<proto::MemoryRing*>(ring_->memory.header.data() +
                                                       proto::kExtensionOffset);
    std::array<std::uint32_t, proto::kRingLen> states{};
    for (std::size_t i = 0; i < states.size(); ++i) {
        states[i] = proto::load_acquire(ring.records[i].state);
        proto::store_release(ring.records[i].state, proto::kSlotWriting);
    }
    EXPECT_EQ((*session)->next(0)->kind, NextKind::timeout);
    EXPECT_TRUE(os::test::is_ready(handle, os::deadline_after(10 * os::kSecond)));
    for (std::size_t i = 0; i < states.size(); ++i) {
        proto::store_release(ring.records[i].state, states[i]);
    }
    EXPECT_EQ((*session)->next(0)->kind, NextKind::frame);
}

TEST_F(ScriptedDriverTest, AResizeThatGetsNoAnswerMakesTheSessionStartAgain) {
    auto session = displays()->open_session(options());
    ASSERT_TRUE(session) << session.error().message();
    driver_->hang_from(proto::kIoctlUpdateModes);
    const auto resized = (*session)->resize(kOther);
    ASSERT_FALSE(resized);
    EXPECT_EQ(kind(resized.error()), ErrorKind::timeout);
    driver_->hang(false);
    driver_->serve_queued();
    const auto next = next_event(**session);
    ASSERT_TRUE(next) << next.error().message();
    ASSERT_EQ(next->kind, NextKind::rebuilt);
    EXPECT_EQ(next->reason, RebuildReason::driver_unresponsive);
    ring_->publish();
    EXPECT_EQ(next_event(**session)->frame.view().width, kMode.width);
    EXPECT_EQ(driver_->adapter.modes.size(), 1u);
    EXPECT_EQ(driver_->adapter.modes.begin()->second.width, kMode.width);
}

TEST_F(ScriptedDriverTest, WhenNoRingIsOpenedAnyMoreTheSessionEndsWithinItsBudget) {
    SessionOptions o = options();
    o.attach_timeout_ns = kShort;
    o.policy.budget_ns = 300 * os::kMillisecond;
    auto session = displays()->open_session(o);
    ASSERT_TRUE(session) << session.error().message();
    on_ring_ = [] {};
    EXPECT_FALSE((*session)->resize(kOther));
    EXPECT_FALSE((*session)->resize(kOther)) << "a rebuild goes on";
    const auto next = next_event(**session);
    ASSERT_FALSE(next);
    EXPECT_EQ(kind(next.error()), ErrorKind::driver_lost);
    EXPECT_THAT(next.error().message(), HasSubstr("given up after"));
}

TEST_F(ScriptedDriverTest, ADriverOfAnotherVersionInItsPlaceEndsTheSessionAsThat) {
    SessionOptions o = options();
    o.policy.budget_ns = 300 * os::kMillisecond;
    auto session = displays()->open_session(o);
    ASSERT_TRUE(session) << session.error().message();
    driver_->die();
    system_.set("main", {.driver = std::make_shared<test::FakeDriver>(99)});
    ring_->publisher->retire();
    const auto next = next_event(**session);
    ASSERT_FALSE(next);
    EXPECT_EQ(kind(next.error()), ErrorKind::protocol_mismatch) << next.error().message();
    EXPECT_THAT(next.error().message(), HasSubstr("99"));
}

TEST_F(ScriptedDriverTest, TheCursorChannelIsRefusedWithoutHarm) {
    driver_->fail_next(proto::kIoctlSetCursorChannel,
                       test::error_of(proto::kStatusInvalidParameter, os::Reaction::reject));
    SessionOptions o = options();
    o.hw_cursor = true;
    const auto session = displays()->open_session(o);
    ASSERT_TRUE(session) << session.error().message();
    EXPECT_FALSE((*session)->stats().cursor_channel);
    EXPECT_FALSE((*session)->cursor());
    EXPECT_EQ(driver_->closed_twice(), 0u);
}

TEST_F(ScriptedDriverTest, OneClientIsCapturedInOneFormat) {
    const auto shared = displays();
    const auto first = shared->open_session(options());
    ASSERT_TRUE(first) << first.error().message();
    SessionOptions o = options();
    o.format = PixelFormat::rgba16f;
    const auto second = shared->open_session(o);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().reaction, os::Reaction::reject) << second.error().message();
}

TEST(HostNames, EveryKindHasOne) {
    EXPECT_EQ(to_string(DisplayState::active), "active");
    EXPECT_EQ(to_string(DisplayState::lingering), "lingering");
    EXPECT_EQ(to_string(DisplayState::pinned), "pinned");
    EXPECT_EQ(to_string(ErrorKind::no_driver), "no usable driver");
    EXPECT_EQ(to_string(ErrorKind::protocol_mismatch), "protocol mismatch");
    EXPECT_EQ(to_string(ErrorKind::driver_lost), "driver lost");
    EXPECT_EQ(to_string(ErrorKind::refused), "refused");
    EXPECT_EQ(to_string(ErrorKind::timeout), "timeout");
    EXPECT_EQ(to_string(ErrorKind::closed), "closed");
    EXPECT_EQ(to_string(ErrorKind::internal), "internal error");
    EXPECT_EQ(to_string(RebuildReason::driver_died), "driver died");
    EXPECT_EQ(to_string(RebuildReason::driver_unresponsive), "driver unresponsive");
    EXPECT_EQ(to_string(RebuildReason::device_gone), "device gone");
    EXPECT_EQ(to_string(RebuildReason::ring_lost), "ring lost");
    EXPECT_EQ(to_string(RebuildReason::mode_changed), "mode changed");
}

}  // namespace
}  // namespace pf::host
