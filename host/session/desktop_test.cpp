// Sessions on a real X desktop: what only a driver that can refuse a mode shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pf/host/host.hpp>

#include "test/driver_process.hpp"

namespace pf::host {
namespace {

using test::DriverProcess;

constexpr Mode kMode{640, 480, 60};
// Valid by the contract, and beyond the 4294 MHz that a RandR mode's clock can say.
constexpr Mode kTooFast{3840, 2160, 1000};

// A whole frame of the mode that the session has now. An idle desktop gives one per attach.
void expect_picture(Session& session, const Mode& mode) {
    const std::int64_t deadline_ns = os::deadline_after(30 * os::kSecond);
    for (;;) {
        const auto next = session.next(deadline_ns);
        ASSERT_TRUE(next) << next.error().message();
        ASSERT_NE(next->kind, NextKind::timeout);
        ASSERT_NE(next->kind, NextKind::closed);
        if (next->kind == NextKind::frame) {
            EXPECT_EQ(next->frame.view().width, mode.width);
            EXPECT_EQ(next->frame.view().height, mode.height);
            return;
        }
    }
}

class DesktopTest : public testing::TestWithParam<const char*> {
protected:
    test::PrivateRuntime runtime_;
    DriverProcess driver_{"main", {"--protocol", GetParam()}, "x11"};
    ~DesktopTest() override { driver_.stop(); }  // and its X server
};

// Protocol 6 asks for the mode in place; 3 removes the monitor, and must roll back.
TEST_P(DesktopTest, ARefusedModeLeavesTheOldOne) {
    SessionOptions options;
    options.mode = kMode;
    options.client_id = 2;
    auto session = Session::open(options);
    ASSERT_TRUE(session) << session.error().message();
    expect_picture(**session, kMode);

    const auto refused = (*session)->resize(kTooFast);
    ASSERT_FALSE(refused);
    EXPECT_EQ(kind(refused.error()), ErrorKind::refused) << refused.error().message();
    EXPECT_THAT(refused.error().message(), testing::HasSubstr("3840x2160@1000"));
    if (std::string(GetParam()) == "3") {
        EXPECT_THAT(refused.error().message(), testing::HasSubstr("640x480@60 is back"));
    }
    EXPECT_EQ((*session)->stats().mode, kMode);

    const Mode other{800, 600, 60};
    const auto resized = (*session)->resize(other);
    ASSERT_TRUE(resized) << resized.error().message();
    expect_picture(**session, other);
    EXPECT_EQ((*session)->stats().monitor_id, 2u);
}

INSTANTIATE_TEST_SUITE_P(Protocols, DesktopTest, testing::Values("6", "3"),
                         [](const auto& tested) { return "v" + std::string(tested.param); });

}  // namespace
}  // namespace pf::host
