#include "monitor/monitor_policy.hpp"

#include <gtest/gtest.h>

namespace pf::host {
namespace {

using enum SlotState;

SlotFacts live(SlotState state) {
    return {.state = state, .driver_alive = true, .same_mode = true, .same_picture = true};
}

TEST(MonitorPolicy, Acquire) {
    EXPECT_EQ(on_acquire(live(idle)), AcquireAction::create);
    for (const SlotState state : {active, lingering, pinned}) {
        SlotFacts facts = live(state);
        EXPECT_EQ(on_acquire(facts), AcquireAction::join);
        facts.same_mode = false;
        EXPECT_EQ(on_acquire(facts), AcquireAction::resize);
        facts.same_picture = false;
        EXPECT_EQ(on_acquire(facts),
                  state == active ? AcquireAction::refuse : AcquireAction::renew);
        facts.driver_alive = false;  // before anything else: a dead monitor has no properties
        EXPECT_EQ(on_acquire(facts), AcquireAction::replace);
    }
}

TEST(MonitorPolicy, Release) {
    EXPECT_EQ(on_release(1, false, 10), ReleaseAction::keep_active);
    EXPECT_EQ(on_release(1, true, 10), ReleaseAction::keep_active);
    EXPECT_EQ(on_release(0, true, 0), ReleaseAction::pin);
    EXPECT_EQ(on_release(0, false, 10), ReleaseAction::linger);
    EXPECT_EQ(on_release(0, false, 0), ReleaseAction::depart);
}

TEST(MonitorPolicy, Linger) {
    EXPECT_FALSE(linger_is_over(lingering, 100, 99));
    EXPECT_TRUE(linger_is_over(lingering, 100, 100));
    EXPECT_FALSE(linger_is_over(active, 100, 200));
    EXPECT_FALSE(linger_is_over(pinned, 100, 200));
}

TEST(MonitorPolicy, Pin) {
    EXPECT_EQ(on_pin(active, true, 10), ReleaseAction::keep_active);
    EXPECT_EQ(on_pin(lingering, true, 10), ReleaseAction::pin);
    EXPECT_EQ(on_pin(pinned, false, 10), ReleaseAction::linger);
    EXPECT_EQ(on_pin(pinned, false, 0), ReleaseAction::depart);
}

TEST(MonitorPolicy, KeptMonitorsComeBack) {
    EXPECT_TRUE(readd_on_reconnect(lingering));
    EXPECT_TRUE(readd_on_reconnect(pinned));
    EXPECT_FALSE(readd_on_reconnect(active));
    EXPECT_FALSE(readd_on_reconnect(idle));
}

}  // namespace
}  // namespace pf::host
