#include "monitor/monitor_manager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include <pf/host/errors.hpp>

#include "test/fake_driver.hpp"

namespace pf::host {
namespace {

constexpr Mode kSmall{800, 600, 60};
constexpr Mode kLarge{1920, 1080, 60};

template <typename Condition>
bool eventually(Condition condition) {
    const std::int64_t deadline_ns = os::deadline_after(20 * os::kSecond);
    while (!condition()) {
        if (os::now_ns() >= deadline_ns) {
            return false;
        }
        os::sleep_until(os::deadline_after(os::kMillisecond));
    }
    return true;
}

class Manager : public testing::Test {
protected:
    void start(std::uint32_t protocol = 6, std::int64_t linger_ns = 0) {
        driver_ = std::make_shared<test::FakeDriver>(protocol);
        system_.set("main", {os::InstanceState::active, driver_});
        device_ = ControlDevice::open(system_.system(), {}).value();
        manager_ = MonitorManager::create(device_,
                                          {.linger_ns = linger_ns, .wedge = {5, os::kMillisecond}})
                       .value();
    }
    // The driver's process ends, a new one takes its place.
    void restart(std::uint32_t protocol = 6) {
        driver_->die();
        old_driver_ = driver_;
        driver_ = std::make_shared<test::FakeDriver>(protocol);
        system_.set("main", {os::InstanceState::active, driver_});
    }
    os::Result<MonitorLease> acquire(const MonitorRequest& request,
                                     const MonitorLease* previous = nullptr) {
        return manager_->acquire(request, previous, nullptr);
    }
    static MonitorRequest client(std::uint32_t id, Mode mode = kSmall) {
        return {.mode = mode, .client_id = id};
    }
    std::vector<core::Mode> modes() const {
        std::vector<core::Mode> all;
        for (const auto& [target, mode] : driver_->adapter.modes) {
            all.push_back(mode);
        }
        return all;
    }

    test::FakeSystem system_;
    std::shared_ptr<test::FakeDriver> driver_, old_driver_;
    std::shared_ptr<ControlDevice> device_;
    std::shared_ptr<MonitorManager> manager_;
};

TEST_F(Manager, JoinsTheClientsMonitor) {
    start();
    auto first = acquire(client(3)).value();
    auto second = acquire(client(3)).value();
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 1u);
    EXPECT_EQ(manager_->monitor(first)->incarnation, manager_->monitor(second)->incarnation);
    EXPECT_EQ(manager_->monitor(first)->monitor_id, 3u);
    first.end();
    EXPECT_EQ(driver_->monitors(), 1u);
    second.end();
    EXPECT_EQ(driver_->monitors(), 0u);
    EXPECT_TRUE(manager_->status().empty());
}

TEST_F(Manager, AnonymousClientsNeverShare) {
    start();
    const auto first = acquire(client(0)).value();
    const auto second = acquire(client(0)).value();
    EXPECT_EQ(driver_->monitors(), 2u);
    EXPECT_NE(manager_->monitor(first)->monitor_id, manager_->monitor(second)->monitor_id);
}

TEST_F(Manager, Lingers) {
    start(6, 5 * os::kSecond);
    auto lease = acquire(client(1)).value();
    lease.end();
    EXPECT_EQ(manager_->status().at(0).state, SlotState::lingering);
    auto again = acquire(client(1)).value();
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 1u);
    manager_->tick(os::deadline_after(100 * os::kSecond));
    EXPECT_EQ(driver_->monitors(), 1u) << "an active monitor does not expire";
    again.end();
    manager_->tick(os::now_ns());
    EXPECT_EQ(driver_->monitors(), 1u);
    EXPECT_TRUE(eventually([&] {
        manager_->tick(os::deadline_after(6 * os::kSecond));  // skips what the timer has in hand
        return driver_->monitors() == 0;
    }));
}

TEST_F(Manager, TheTimerEndsLingering) {
    start(6, 20 * os::kMillisecond);
    acquire(client(1)).value().end();
    EXPECT_TRUE(eventually([&] { return driver_->monitors() == 0; }));
}

TEST_F(Manager, PinnedMonitorsStay) {
    start();
    EXPECT_FALSE(manager_->pin(2, true));
    auto lease = acquire(client(2)).value();
    EXPECT_TRUE(manager_->pin(2, true));
    lease.end();
    EXPECT_EQ(manager_->status().at(0).state, SlotState::pinned);
    manager_->tick(os::deadline_after(1000 * os::kSecond));
    EXPECT_EQ(driver_->monitors(), 1u);
    EXPECT_TRUE(manager_->pin(2, false));
    EXPECT_EQ(driver_->monitors(), 0u);
}

TEST_F(Manager, AKeptMonitorReturnsWithItsDriver) {
    start();
    auto lease = acquire(client(2, kLarge)).value();
    manager_->pin(2, true);
    lease.end();
    restart();
    EXPECT_FALSE(device_->current()->ping());  // the death gets known
    EXPECT_TRUE(eventually([&] { return driver_->monitors() == 1; }));
    const auto joined = acquire(client(2, kLarge)).value();
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 1u);
    EXPECT_EQ(driver_->count(proto::kIoctlClearAll), 0u);
}

TEST_F(Manager, ADeadMonitorIsReplacedAndItsLeasesAreStale) {
    start();
    auto old_lease = acquire(client(4)).value();
    restart();
    device_->retire(device_->current());
    ASSERT_FALSE(acquire(client(4))) << "no driver yet";
    ASSERT_TRUE(device_->reopen(false));
    const auto fresh = acquire(client(4)).value();
    EXPECT_EQ(driver_->monitors(), 1u);
    EXPECT_FALSE(manager_->monitor(old_lease));
    old_lease.end();
    EXPECT_EQ(driver_->monitors(), 1u) << "a stale lease's end does nothing";
    EXPECT_EQ(manager_->status().at(0).references, 1u);
}

TEST_F(Manager, AnAnonymousMonitorKeepsItsIdOverARebuild) {
    start();
    const auto other = acquire(client(0)).value();
    auto lease = acquire(client(0)).value();
    EXPECT_EQ(manager_->monitor(lease)->monitor_id, 2u);
    restart();
    device_->retire(device_->current());
    ASSERT_TRUE(device_->reopen(false));
    lease = acquire(client(0), &lease).value();
    EXPECT_EQ(manager_->monitor(lease)->monitor_id, 2u);
    EXPECT_EQ(driver_->monitors(), 1u) << "the other client's is its own business";
}

TEST_F(Manager, ResizesInPlace) {
    start(6);
    const auto lease = acquire(client(1)).value();
    const auto before = *manager_->monitor(lease);
    ASSERT_TRUE(manager_->resize(lease, kLarge, nullptr));
    const auto after = *manager_->monitor(lease);
    EXPECT_EQ(after.target_id, before.target_id);
    EXPECT_EQ(after.mode, kLarge);
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 1u);
    EXPECT_EQ(modes(), (std::vector<core::Mode>{{1920, 1080, 60}}));
}

TEST_F(Manager, ResizesByReArrival) {
    start(3);
    const auto lease = acquire(client(5)).value();
    const auto before = *manager_->monitor(lease);
    ASSERT_TRUE(manager_->resize(lease, kLarge, nullptr));
    const auto after = *manager_->monitor(lease);
    EXPECT_NE(after.incarnation, before.incarnation);
    EXPECT_EQ(after.monitor_id, 5u);
    EXPECT_EQ(driver_->monitors(), 1u);
    EXPECT_EQ(modes(), (std::vector<core::Mode>{{1920, 1080, 60}}));
}

TEST_F(Manager, AFailedResizeInPlaceBecomesAReArrival) {
    start(6);
    driver_->adapter.set_modes_status = proto::kStatusNotSupported;
    const auto lease = acquire(client(5)).value();
    ASSERT_TRUE(manager_->resize(lease, kLarge, nullptr));
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 2u);
    EXPECT_EQ(modes(), (std::vector<core::Mode>{{1920, 1080, 60}}));
}

TEST_F(Manager, AFailedReArrivalRollsBack) {
    start(3);
    driver_->adapter.accepts = [](const core::Mode& mode) { return mode.width < 1000; };
    const auto other = acquire(client(9)).value();
    const auto other_before = *manager_->monitor(other);
    const auto lease = acquire(client(5)).value();
    const auto resized = manager_->resize(lease, kLarge, nullptr);
    ASSERT_FALSE(resized);
    EXPECT_EQ(kind(resized.error()), ErrorKind::refused);
    EXPECT_THAT(resized.error().detail, testing::HasSubstr("800x600@60 is back"));
    EXPECT_EQ(manager_->monitor(lease)->mode, kSmall);
    EXPECT_EQ(driver_->monitors(), 2u);
    EXPECT_EQ(manager_->monitor(other)->incarnation, other_before.incarnation);
}

TEST_F(Manager, AFailedRollBackCountsAsDead) {
    start(3);
    const auto lease = acquire(client(5)).value();
    driver_->adapter.accepts = [](const core::Mode&) { return false; };
    const auto resized = manager_->resize(lease, kLarge, nullptr);
    ASSERT_FALSE(resized);
    EXPECT_EQ(resized.error().reaction, os::Reaction::reopen);
    driver_->adapter.accepts = [](const core::Mode&) { return true; };
    const auto again = acquire(client(5)).value();
    EXPECT_EQ(manager_->monitor(again)->mode, kSmall);
    EXPECT_EQ(driver_->monitors(), 1u);
}

TEST_F(Manager, TheWedgeIsRetriedAFewTimes) {
    start();
    const auto wedge = test::error_of(proto::kStatusNotFound, os::Reaction::retry);
    for (int i = 0; i < 4; ++i) {
        driver_->fail_next(proto::kIoctlAdd, wedge);
    }
    EXPECT_TRUE(acquire(client(1)));
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 5u);
    for (int i = 0; i < 5; ++i) {
        driver_->fail_next(proto::kIoctlAdd, wedge);
    }
    const auto refused = acquire(client(2));
    ASSERT_FALSE(refused);
    EXPECT_EQ(kind(refused.error()), ErrorKind::refused);
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 10u);
}

TEST_F(Manager, WhatTheDriverCallsFinalIsNotAskedForAgain) {
    start();
    os::Error final = test::error_of(proto::kStatusNotFound, os::Reaction::reject);
    final.detail = "needs a pixel clock of 8184 MHz";
    driver_->fail_next(proto::kIoctlAdd, final);
    const auto refused = acquire(client(1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(kind(refused.error()), ErrorKind::refused);
    EXPECT_EQ(refused.error().code, proto::kStatusNotFound);
    EXPECT_THAT(refused.error().detail,
                testing::AllOf(testing::HasSubstr("refuses"), testing::HasSubstr(final.detail)));
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 1u);
}

TEST_F(Manager, TheWedgeIsNotWaitedOutByOneThatIsClosed) {
    start();
    manager_ = MonitorManager::create(device_, {.wedge = {.pause_ns = 60 * os::kSecond}}).value();
    driver_->fail_next(proto::kIoctlAdd,
                       test::error_of(proto::kStatusNotFound, os::Reaction::retry));
    StopSignal stop(os::Flag::create().value(), nullptr);
    std::thread closer([&] {
        EXPECT_TRUE(eventually([&] { return driver_->count(proto::kIoctlAdd) == 1; }));
        stop.stop();
    });
    const auto acquired = manager_->acquire(client(1), nullptr, &stop);
    closer.join();
    ASSERT_FALSE(acquired);
    EXPECT_EQ(kind(acquired.error()), ErrorKind::closed);
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 1u);
}

TEST_F(Manager, FifteenMonitorsAndNoMore) {
    start();
    std::vector<MonitorLease> leases;
    for (std::uint32_t id = 1; id <= 15; ++id) {
        leases.push_back(acquire(client(id, {640 + id, 480, 60})).value());
    }
    EXPECT_EQ(driver_->monitors(), 15u);
    const auto refused = acquire(client(0));
    ASSERT_FALSE(refused);
    EXPECT_EQ(kind(refused.error()), ErrorKind::refused);
    leases.clear();
    EXPECT_EQ(driver_->monitors(), 0u);
}

TEST_F(Manager, RefusesWhatNoMonitorCanBe) {
    start();
    EXPECT_EQ(kind(acquire(client(1, {0, 0, 0})).error()), ErrorKind::refused);
    EXPECT_EQ(kind(acquire(client(16)).error()), ErrorKind::refused);
    const auto lease = acquire(client(1)).value();
    EXPECT_EQ(kind(manager_->resize(lease, {99999, 1, 1}, nullptr).error()), ErrorKind::refused);
    MonitorRequest other = client(1);
    other.hw_cursor = true;
    EXPECT_EQ(kind(acquire(other).error()), ErrorKind::refused);
}

TEST_F(Manager, AJoinInAnotherModeResizes) {
    start();
    const auto first = acquire(client(1)).value();
    const auto second = acquire(client(1, kLarge)).value();
    EXPECT_EQ(manager_->monitor(first)->mode, kLarge);
    EXPECT_EQ(driver_->count(proto::kIoctlAdd), 1u);
}

TEST_F(Manager, ADistrustedMonitorDepartsWithItsLastLease) {
    start();
    auto lease = acquire(client(1)).value();
    manager_->invalidate(lease, manager_->monitor(lease)->incarnation);
    lease.end();
    EXPECT_EQ(driver_->monitors(), 0u);
}

// The driver was stopped, not dead, and another client found its way back to it.
TEST_F(Manager, AMonitorOfARetiredConnectionDepartsOverTheNextOne) {
    start();
    const auto old_connection = device_->current();  // an attachment would keep it open
    auto lease = acquire(client(1)).value();
    const auto other = acquire(client(2)).value();
    device_->retire(old_connection);
    lease.end();
    EXPECT_EQ(driver_->monitors(), 2u) << "there is no way to the driver";
    ASSERT_TRUE(device_->reopen(false));
    manager_->tick(os::now_ns());
    EXPECT_EQ(driver_->monitors(), 1u);
    EXPECT_EQ(manager_->status().at(0).client_id, 2u);
    EXPECT_TRUE(manager_->monitor(other));
}

TEST_F(Manager, AnAddWhoseAnswerGotLostLeavesNoMonitor) {
    start();
    driver_->claim_size(proto::kIoctlAdd, 0);
    driver_->fail_next(proto::kIoctlRemove, test::error_of(32, os::Reaction::reopen));
    EXPECT_FALSE(acquire(client(1)));
    ASSERT_TRUE(device_->reopen(false));
    manager_->tick(os::now_ns());
    EXPECT_EQ(driver_->monitors(), 0u);
}

TEST_F(Manager, AReturnedMonitorWhoseAddGotNoAnswerIsNotForgotten) {
    start(6, 500 * os::kSecond);
    acquire(client(1)).value().end();
    restart();
    driver_->claim_size(proto::kIoctlAdd, 0);
    const auto lost = test::error_of(32, os::Reaction::reopen);
    driver_->fail_next(proto::kIoctlRemove, lost);
    EXPECT_FALSE(device_->current()->ping());
    EXPECT_TRUE(eventually([&] { return driver_->monitors() == 1; }));
    EXPECT_TRUE(eventually([&] {
        manager_->tick(os::deadline_after(1000 * os::kSecond));  // skips what the timer has in hand
        (void)device_->reopen(false);
        return driver_->monitors() == 0 && manager_->status().empty();
    }));
}

// A stopped driver goes on and serves what was asked over the connection that was given up, after
// the monitor was added over the next one.
class StoppedDriver : public Manager {
protected:
    void expect_kept(const MonitorLease& lease) {
        driver_->serve_queued();
        manager_->tick(os::now_ns());
        EXPECT_EQ(driver_->monitors(), 1u);
        const auto monitor = manager_->monitor(lease);
        ASSERT_TRUE(monitor);
        EXPECT_EQ(driver_->adapter.modes.count(monitor->target_id), 1u);
        EXPECT_TRUE(monitor->connection->update_modes({.session_id = monitor->session_id,
                                                       .width = kLarge.width,
                                                       .height = kLarge.height,
                                                       .refresh_hz = kLarge.refresh_hz,
                                                       .reserved = 0}));
    }
    // It stops with the Remove of a re-arrival.
    os::Result<void> resize_without_answer(const MonitorLease& lease) {
        driver_->adapter.set_modes_status = proto::kStatusNotSupported;
        driver_->hang_from(proto::kIoctlRemove);
        const auto resized = manager_->resize(lease, kLarge, nullptr);
        driver_->adapter.set_modes_status = proto::kStatusSuccess;
        return resized;
    }
    MonitorLease acquire_over_next_connection(const MonitorLease& previous) {
        device_->retire(device_->current());
        driver_->hang(false);
        EXPECT_TRUE(device_->reopen(false));
        return acquire(client(1), &previous).value();
    }
};

TEST_F(StoppedDriver, AnAddItServesLateTakesNoMonitor) {
    start();
    auto lease = acquire(client(1)).value();
    manager_->invalidate(lease, manager_->monitor(lease)->incarnation);
    driver_->hang(true);
    EXPECT_FALSE(acquire(client(1), &lease));
    lease = acquire_over_next_connection(lease);
    expect_kept(lease);
}

TEST_F(StoppedDriver, ARemoveItServesLateTakesNoMonitor) {
    start();
    auto lease = acquire(client(1)).value();
    EXPECT_FALSE(resize_without_answer(lease));
    lease = acquire_over_next_connection(lease);
    expect_kept(lease);
}

// The same connection is used on: the monitor is not what it was, whatever became of it.
TEST_F(StoppedDriver, AResizeWithoutAnAnswerCountsAsALoss) {
    start();
    const auto lease = acquire(client(1)).value();
    const auto resized = resize_without_answer(lease);
    ASSERT_FALSE(resized);
    EXPECT_EQ(resized.error().reaction, os::Reaction::reopen);
    driver_->hang(false);
    driver_->serve_queued();
    EXPECT_EQ(driver_->monitors(), 0u);
    const auto again = acquire(client(1)).value();
    EXPECT_EQ(manager_->monitor(again)->mode, kSmall);
    EXPECT_EQ(driver_->monitors(), 1u);
}

TEST_F(Manager, ItsEndTakesEverythingDown) {
    start(6, 100 * os::kSecond);
    acquire(client(1)).value().end();
    auto pinned = acquire(client(2)).value();
    manager_->pin(2, true);
    pinned.end();
    EXPECT_EQ(driver_->monitors(), 2u);
    manager_.reset();
    EXPECT_EQ(driver_->monitors(), 0u);
}

// The driver made the monitor and the host never heard of it: the host's process has other
// connections, so nobody else takes that monitor down.
TEST_F(Manager, AMonitorWhoseReplyWasLostDoesNotStay) {
    start();
    for (const std::uint32_t id : {0u, 5u}) {
        driver_->lose_reply(proto::kIoctlAdd);
        const auto lost = acquire(client(id));
        ASSERT_FALSE(lost);
        EXPECT_EQ(lost.error().reaction, os::Reaction::reopen);
        EXPECT_EQ(driver_->monitors(), 1u);
        ASSERT_TRUE(device_->reopen(false));
        auto lease = acquire(client(id)).value();
        EXPECT_EQ(driver_->monitors(), 1u);
        if (id != 0) {
            EXPECT_EQ(manager_->monitor(lease)->monitor_id, id) << "nobody else has its id";
        }
        lease.end();
        EXPECT_EQ(driver_->monitors(), 0u);
    }
}

TEST_F(Manager, AMonitorWhoseReplyWasLostEndsWithTheManagerAtTheLatest) {
    start();
    driver_->lose_reply(proto::kIoctlAdd);
    EXPECT_FALSE(acquire(client(2)));
    manager_.reset();
    EXPECT_EQ(driver_->monitors(), 0u);
}

TEST_F(Manager, AMonitorDepartsThoughItsConnectionEnded) {
    start();
    auto lease = acquire(client(3)).value();
    driver_->lose_reply(proto::kIoctlPing);
    EXPECT_FALSE(device_->current()->ping());
    lease.end();
    manager_.reset();
    EXPECT_EQ(driver_->monitors(), 0u);
}

TEST_F(Manager, ADriverThatIsGoneIsNotWaitedFor) {
    start();
    auto lease = acquire(client(3)).value();
    driver_->die();
    system_.set("main", {os::InstanceState::stale, nullptr});
    const std::int64_t begun_ns = os::now_ns();
    lease.end();
    manager_.reset();
    EXPECT_LT(os::now_ns() - begun_ns, os::kSecond);
}

}  // namespace
}  // namespace pf::host
