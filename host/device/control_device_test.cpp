#include "device/control_device.hpp"

#include <gtest/gtest.h>

#include <pf/host/errors.hpp>
#include <pf/os/test/hand_clock.hpp>

#include "device/first_open.hpp"
#include "test/fake_driver.hpp"

namespace pf::host {
namespace {

static_assert(ping_interval_ns(0) == os::kSecond);
static_assert(ping_interval_ns(9) == 3 * os::kSecond);

class ControlDeviceTest : public testing::Test {
protected:
    ControlDeviceTest() { system_.set("main", {os::InstanceState::active, driver_}); }
    using Clear = std::function<os::Result<void>()>;
    static os::Result<void> always(const std::string&, const Clear& clear) { return clear(); }
    static os::Result<void> never(const std::string&, const Clear&) { return {}; }
    std::unique_ptr<ControlDevice> open(bool first = true) {
        return ControlDevice::open(system_.system(), {.instance = "",
                                                      .handshake_timeout_ns = 50 * os::kMillisecond,
                                                      .clear_first = first ? always : never})
            .value();
    }
    std::shared_ptr<test::FakeDriver> restart() {
        auto next = std::make_shared<test::FakeDriver>();
        system_.set("main", {os::InstanceState::active, next});
        return next;
    }
    test::FakeSystem system_;
    std::shared_ptr<test::FakeDriver> driver_ = std::make_shared<test::FakeDriver>();
};

TEST_F(ControlDeviceTest, ClearsAllOnTheFirstOpenAndNeverOnAReopen) {
    const auto device = open();
    EXPECT_EQ(driver_->count(proto::kIoctlClearAll), 1u);
    driver_->die();
    const auto next = restart();
    device->retire(device->current());
    ASSERT_TRUE(device->reopen(false));
    EXPECT_EQ(next->count(proto::kIoctlClearAll), 0u);
    (void)open(false);
    EXPECT_EQ(next->count(proto::kIoctlClearAll), 0u);
}

TEST_F(ControlDeviceTest, ADriverThatDoesNotClearIsNotOpened) {
    driver_->fail_next(proto::kIoctlClearAll, test::error_of(32, os::Reaction::reopen));
    const auto device =
        ControlDevice::open(system_.system(), {.instance = "", .clear_first = always});
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, 32);
    EXPECT_EQ(driver_->open_channels(), 0u);
}

TEST_F(ControlDeviceTest, FirstOpenIsPerInstanceAndProcess) {
    int cleared = 0;
    const auto open_once = [&](const std::string& instance) {
        EXPECT_TRUE(clear_once_in_this_process(instance, [&]() -> os::Result<void> {
            ++cleared;
            return {};
        }));
    };
    open_once("control_device_test-a");
    open_once("control_device_test-a");
    EXPECT_EQ(cleared, 1);
    open_once("control_device_test-b");
    EXPECT_EQ(cleared, 2);
}

TEST_F(ControlDeviceTest, AClearingThatFailedIsDueStill) {
    const ControlDeviceOptions options{.instance = "",
                                       .handshake_timeout_ns = 50 * os::kMillisecond,
                                       .clear_first = clear_once_in_this_process};
    system_.set("control_device_test-c", {os::InstanceState::active, driver_});
    system_.set("main", {os::InstanceState::stale, nullptr});
    driver_->fail_next(proto::kIoctlClearAll,
                       test::error_of(os::DeviceChannel::kTimeout, os::Reaction::retry));
    EXPECT_FALSE(ControlDevice::open(system_.system(), options));
    EXPECT_TRUE(ControlDevice::open(system_.system(), options));
    EXPECT_EQ(driver_->count(proto::kIoctlClearAll), 2u) << "what an earlier host left is gone";
    EXPECT_TRUE(ControlDevice::open(system_.system(), options));
    EXPECT_EQ(driver_->count(proto::kIoctlClearAll), 2u);
}

// Before the next ping would come: a third of the watchdog's ten seconds.
TEST_F(ControlDeviceTest, ThePingerLetsARetiredConnectionGo) {
    const auto device = open();
    const std::int64_t deadline_ns = os::deadline_after(2 * os::kSecond);
    device->retire(device->current());
    while (driver_->open_channels() != 0 && os::now_ns() < deadline_ns) {
        os::sleep_until(os::deadline_after(os::kMillisecond));
    }
    EXPECT_EQ(driver_->open_channels(), 0u);
}

TEST_F(ControlDeviceTest, ARetiredConnectionClosesWithItsLastUser) {
    const auto device = open();
    auto user = device->current();
    device->retire(user);
    EXPECT_EQ(device->current(), nullptr);
    EXPECT_FALSE(user->usable());
    EXPECT_EQ(driver_->open_channels(), 1u);
    user.reset();
    // The pinger may hold it for the length of one ping.
    const std::int64_t deadline_ns = os::deadline_after(10 * os::kSecond);
    while (driver_->open_channels() != 0 && os::now_ns() < deadline_ns) {
        os::sleep_until(os::deadline_after(os::kMillisecond));
    }
    EXPECT_EQ(driver_->open_channels(), 0u);
}

TEST_F(ControlDeviceTest, ReopenTakesWhatSomebodyElseOpened) {
    const auto device = open();
    const auto first = device->current();
    EXPECT_EQ(device->reopen(false).value(), first);
    driver_->die();
    EXPECT_FALSE(first->ping());
    const auto next = restart();
    const auto second = device->reopen(false);
    ASSERT_TRUE(second);
    EXPECT_NE(*second, first);
    EXPECT_EQ(device->reopen(false).value(), *second);
    device->retire(first);  // long out of use: nothing happens
    EXPECT_EQ(device->current(), *second);
}

TEST_F(ControlDeviceTest, ReopenStaysWithItsInstanceUntilToldOtherwise) {
    const auto device = open();
    driver_->die();
    system_.set("main", {os::InstanceState::stale, nullptr});
    system_.set("other", {os::InstanceState::active, std::make_shared<test::FakeDriver>()});
    device->retire(device->current());
    const auto same = device->reopen(false);
    ASSERT_FALSE(same);
    EXPECT_EQ(same.error().code, kNoDriver);
    const auto any = device->reopen(true);
    ASSERT_TRUE(any);
    EXPECT_EQ((*any)->instance(), "other");
}

TEST_F(ControlDeviceTest, ProbePingsAtOnce) {
    const auto device = open();
    const std::int64_t deadline_ns = os::deadline_after(10 * os::kSecond);
    while (driver_->count(proto::kIoctlPing) == 0 && os::now_ns() < deadline_ns) {
        device->probe();
        os::sleep_until(os::deadline_after(os::kMillisecond));
    }
    EXPECT_GE(driver_->count(proto::kIoctlPing), 1u);
}

// A driver that does not come back by itself.
class RestartOfDevice : public ControlDeviceTest {
protected:
    std::unique_ptr<ControlDevice> open_restarting(bool allowed) {
        DeviceSystem system = system_.system();
        system.clock = &clock_;
        system.restart = [this](const std::string& instance) -> os::Result<std::string> {
            restarted_.push_back(instance);
            EXPECT_EQ(driver_->hung_up(), 1u) << "an open device does not let itself be restarted";
            return "restarted " + instance;
        };
        return ControlDevice::open(system,
                                   {.instance = "", .clear_first = {}, .restart_device = allowed})
            .value();
    }
    void lose(ControlDevice& device) {
        driver_->die();
        held_ = device.current();
        system_.set("main", {os::InstanceState::stopped, nullptr});
        device.retire(held_);
    }
    os::test::HandClock clock_;
    std::vector<std::string> restarted_;
    std::shared_ptr<DriverConnection> held_;  // by a session that has not noticed yet
};

TEST_F(RestartOfDevice, ComesWhenItIsTime) {
    const auto device = open_restarting(true);
    lose(*device);
    EXPECT_FALSE(device->reopen(false));
    clock_.advance(14 * os::kSecond);
    EXPECT_FALSE(device->reopen(false));
    EXPECT_TRUE(restarted_.empty());
    clock_.advance(os::kSecond);
    const auto failed = device->reopen(false);
    ASSERT_FALSE(failed);
    EXPECT_EQ(restarted_, std::vector<std::string>{"main"});
    EXPECT_NE(failed.error().detail.find("; restarted main"), std::string::npos);
    EXPECT_EQ(failed.error().code, kNoDriver) << "still looked for";
    (void)restart();
    EXPECT_TRUE(device->reopen(false));
}

TEST_F(RestartOfDevice, IsAtOnceWhereItHangs) {
    const auto device = open_restarting(true);
    lose(*device);
    auto hung = std::make_shared<test::FakeDriver>();
    hung->hang(true);
    system_.set("main", {os::InstanceState::active, hung});
    EXPECT_FALSE(device->reopen(false));
    EXPECT_EQ(restarted_, std::vector<std::string>{"main"});
}

// One watch, some time after a loss, which stays.
TEST_F(RestartOfDevice, DevicesAreWatchedWhenALossLasts) {
    struct Watch final : os::DeviceWatch {
        const os::Event& changed() const override { return event; }
        const os::Event event = os::Event::create().value();
    };
    int watches = 0;
    DeviceSystem system = system_.system();
    system.clock = &clock_;
    system.watch = [&watches]() -> os::Result<std::unique_ptr<os::DeviceWatch>> {
        if (++watches == 1) {
            return tl::unexpected(test::error_of(8, os::Reaction::retry));
        }
        return std::make_unique<Watch>();
    };
    const auto device = ControlDevice::open(system, {.instance = "", .clear_first = {}}).value();
    lose(*device);
    EXPECT_FALSE(device->reopen(false));
    EXPECT_EQ(watches, 0);
    for (int i = 0; i < 5; ++i) {
        clock_.advance(2 * os::kSecond);
        EXPECT_FALSE(device->reopen(false));
        EXPECT_EQ(device->news() != nullptr, i > 0) << i;
    }
    EXPECT_EQ(watches, 2);
}

TEST_F(RestartOfDevice, IsNotDoneUnasked) {
    const auto device = open_restarting(false);
    lose(*device);
    for (int i = 0; i < 40; ++i) {
        EXPECT_FALSE(device->reopen(false));
        clock_.advance(os::kSecond);
    }
    EXPECT_TRUE(restarted_.empty());
    EXPECT_EQ(driver_->hung_up(), 0u);
}

// The next regular ping would come after a third of the watchdog's ten seconds.
TEST_F(ControlDeviceTest, APingThatFindsTheDriverGoneIsRepeatedSoon) {
    driver_->gone_is_final = false;
    const auto device = open();
    const auto connection = device->current();
    driver_->die();
    device->probe();
    const std::int64_t deadline_ns = os::deadline_after(2 * os::kSecond);
    while (connection->usable() && os::now_ns() < deadline_ns) {
        os::sleep_until(os::deadline_after(os::kMillisecond));
    }
    EXPECT_FALSE(connection->usable());
}

TEST_F(ControlDeviceTest, OpenFailsWithoutADriver) {
    system_.set("main", {os::InstanceState::stale, nullptr});
    const auto device = ControlDevice::open(system_.system(), {});
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, kNoDriver);
}

}  // namespace
}  // namespace pf::host
