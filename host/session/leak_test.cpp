// Nothing of this process stays behind after a session was rebuilt many times: no descriptor, no
// mapping.
#include <gtest/gtest.h>

#include <pf/host/host.hpp>

#include "test/driver_process.hpp"
#include "test/process_facts.hpp"

namespace pf::host {
namespace {

void rebuild_once(Session& session, test::DriverProcess& driver) {
    driver.kill();
    driver.restart();
    const std::int64_t deadline_ns = os::deadline_after(30 * os::kSecond);
    for (bool rebuilt = false; os::now_ns() < deadline_ns;) {
        const auto next = session.next(deadline_ns);
        ASSERT_TRUE(next) << next.error().message();
        if (rebuilt && next->kind == NextKind::frame) {
            return;
        }
        rebuilt = rebuilt || next->kind == NextKind::rebuilt;
    }
    FAIL() << "no rebuild";
}

TEST(Leaks, TwentyRebuildsLeaveNothing) {
    test::PrivateRuntime runtime;
    test::DriverProcess driver;
    SessionOptions options;
    options.mode = {320, 180, 120};
    options.hw_cursor = true;
    options.policy.max_rebuilds = 1000;
    auto opened = Session::open(options);
    ASSERT_TRUE(opened) << opened.error().message();
    rebuild_once(**opened, driver);
    const test::ProcessFacts before = test::facts_of(os::current_pid());
    for (int i = 0; i < 20; ++i) {
        rebuild_once(**opened, driver);
        ASSERT_FALSE(testing::Test::HasFatalFailure()) << i;
    }
    const test::ProcessFacts after = test::facts_of(os::current_pid());
    EXPECT_EQ(after.descriptors, before.descriptors);
    EXPECT_EQ(after.shared_mappings, before.shared_mappings);
    opened->reset();
    EXPECT_EQ(test::facts_of(os::current_pid()).shared_mappings, 0u);
}

}  // namespace
}  // namespace pf::host
