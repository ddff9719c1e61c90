// Exact rates: taken where the driver knows them, whole hertz elsewhere, and the caller is told.
#include "monitor/granted_mode.hpp"

#include <gtest/gtest.h>

#include "test/fake_driver.hpp"

namespace pf::host {
namespace {

constexpr Mode kFilm = Mode::exact(1920, 1080, 23'976);
constexpr Mode kTv = Mode::exact(1920, 1080, 59'940);

std::shared_ptr<DriverConnection> connect(test::FakeDriver& driver) {
    return DriverConnection::establish(driver.connect(), "fake", os::deadline_after(os::kSecond),
                                       nullptr)
        .value();
}

core::Mode only_mode(test::FakeDriver& driver) {
    return driver.adapter.modes.begin()->second;
}

TEST(GrantedMode, ADriverThatKnowsTakesTheExactRateAtOnce) {
    test::FakeDriver driver;
    const auto connection = connect(driver);
    Mode mode = kTv;
    ASSERT_TRUE(add_granted(*connection, {.session_id = 7}, mode));
    EXPECT_EQ(mode, kTv);
    EXPECT_EQ(only_mode(driver), (core::Mode{1920, 1080, 60, 59940}));
    mode = kFilm;
    ASSERT_TRUE(update_granted(*connection, 7, mode));
    EXPECT_EQ(mode, kFilm);
    EXPECT_EQ(only_mode(driver), (core::Mode{1920, 1080, 24, 23976}));
    EXPECT_EQ(driver.count(proto::kIoctlAdd), 0u);
    EXPECT_EQ(driver.count(proto::kIoctlUpdateModes), 0u);
}

TEST(GrantedMode, AnotherDriverGetsWholeHertzAndTheCallerIsTold) {
    test::FakeDriver driver(5);
    const auto connection = connect(driver);
    Mode mode = kTv;
    ASSERT_TRUE(add_granted(*connection, {.session_id = 7}, mode));
    EXPECT_EQ(mode, (Mode{1920, 1080, 60}));
    EXPECT_EQ(only_mode(driver), (core::Mode{1920, 1080, 60}));
    mode = kFilm;
    ASSERT_TRUE(update_granted(*connection, 7, mode));
    EXPECT_EQ(mode, (Mode{1920, 1080, 24}));
    EXPECT_EQ(only_mode(driver), (core::Mode{1920, 1080, 24}));
    EXPECT_EQ(driver.monitors(), 1u);
}

TEST(GrantedMode, WholeHertzAreThePublicOperation) {
    test::FakeDriver driver;
    const auto connection = connect(driver);
    Mode mode{1920, 1080, 60, 60'000};
    ASSERT_TRUE(add_granted(*connection, {.session_id = 7}, mode));
    ASSERT_TRUE(update_granted(*connection, 7, mode));
    EXPECT_EQ(driver.count(proto::kIoctlAddExact), 0u);
    EXPECT_EQ(driver.count(proto::kIoctlUpdateModesExact), 0u);
}

TEST(GrantedMode, WhatIsWrongOtherwiseIsToldAsByThePublicOperation) {
    test::FakeDriver driver;
    const auto connection = connect(driver);
    driver.adapter.refuse_plug = true;
    Mode mode = kTv;
    const auto none = add_granted(*connection, {.session_id = 7}, mode);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, proto::kStatusNotFound);
    EXPECT_EQ(driver.monitors(), 0u);
    driver.fail_next(proto::kIoctlAddExact,
                     test::error_of(os::DeviceChannel::kTimeout, os::Reaction::retry));
    mode = kTv;
    const auto late = add_granted(*connection, {.session_id = 7}, mode);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, os::DeviceChannel::kTimeout);
    EXPECT_EQ(driver.count(proto::kIoctlRemove), 1u) << "the driver may serve it late";
}

}  // namespace
}  // namespace pf::host
