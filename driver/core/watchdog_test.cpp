#include <pf/core/watchdog.hpp>

#include <gtest/gtest.h>

namespace pf::core {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(Watchdog, KeepsUntilTenSecondsOfSilence) {
    EXPECT_FALSE(watchdog_departs(100 * kSecond, 100 * kSecond, 0));
    EXPECT_FALSE(watchdog_departs(110 * kSecond - 1, 100 * kSecond, 0));
    EXPECT_TRUE(watchdog_departs(110 * kSecond, 100 * kSecond, 0));
}

TEST(Watchdog, KeepsAMonitorThatIsNotOlderThanThreeSeconds) {
    EXPECT_FALSE(watchdog_departs(100 * kSecond, 0, 97 * kSecond));
    EXPECT_TRUE(watchdog_departs(100 * kSecond, 0, 97 * kSecond - 1));
}

TEST(Watchdog, KeepsWhenTheClockWentBack) {
    EXPECT_FALSE(watchdog_departs(5 * kSecond, 100 * kSecond, 100 * kSecond));
}

}  // namespace
}  // namespace pf::core
