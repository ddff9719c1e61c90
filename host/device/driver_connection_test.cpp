#include "device/driver_connection.hpp"

#include <gtest/gtest.h>

#include <pf/host/errors.hpp>
#include <pf/os/test/hand_clock.hpp>

#include "device/gone_rule.hpp"
#include "test/fake_driver.hpp"

namespace pf::host {
namespace {

proto::AddRequest request() {
    return {.session_id = 7,
            .width = 800,
            .height = 600,
            .refresh_hz = 60,
            .preferred_monitor_id = 0,
            .max_luminance_nits = 0,
            .max_frame_avg_nits = 0,
            .min_luminance_millinits = 0,
            .hw_cursor = 1};
}

std::shared_ptr<DriverConnection> connect(test::FakeDriver& driver) {
    return DriverConnection::establish(driver.connect(), "fake", os::deadline_after(os::kSecond),
                                       nullptr)
        .value();
}

TEST(DriverConnection, SendsWhatTheDriversProtocolKnows) {
    for (const std::uint32_t protocol : {2u, 3u, 4u, 5u, 6u}) {
        test::FakeDriver driver(protocol);
        const auto connection = connect(driver);
        const auto reply = connection->add(request());
        ASSERT_TRUE(reply) << protocol << ": " << reply.error().message();
        EXPECT_EQ(driver.calls().back().input_bytes, protocol < 3 ? 24u : 40u);
        EXPECT_EQ(reply->wudf_pid, os::current_pid());
        const auto updated = connection->update_modes({7, 640, 480, 60, 0});
        EXPECT_EQ(updated.has_value(), protocol >= 4);
        const auto cursor = connection->set_cursor_channel({reply->target_id, 0, 5});
        EXPECT_EQ(cursor.has_value(), protocol >= 5);
        const auto forward = connection->set_cursor_forward({reply->target_id, 1});
        EXPECT_EQ(forward.has_value(), protocol >= 6);
        if (protocol < 4) {
            EXPECT_EQ(updated.error().reaction, os::Reaction::fallback);
            EXPECT_EQ(driver.count(proto::kIoctlUpdateModes), 0u);
        }
    }
}

TEST(DriverConnection, AShortAddReplyIsUndone) {
    test::FakeDriver driver;
    driver.claim_size(proto::kIoctlAdd, 19);
    const auto reply = connect(driver)->add(request());
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, kShortReply);
    EXPECT_EQ(driver.count(proto::kIoctlRemove), 1u);
    EXPECT_EQ(driver.monitors(), 0u);
}

TEST(DriverConnection, AReplyIsNeverLongerThanItsRoom) {
    test::FakeDriver driver;
    const auto connection = connect(driver);
    driver.claim_size(proto::kIoctlAdd, 4096);
    const auto reply = connection->add(request());
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, kShortReply);
}

TEST(DriverConnection, AStrangersPidIsRefusedAndUndone) {
    test::FakeDriver driver;
    driver.named_pid = 1;
    const auto reply = connect(driver)->add(request());
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, kForeignProcess);
    EXPECT_EQ(kind(reply.error()), ErrorKind::refused);
    EXPECT_EQ(driver.monitors(), 0u);
}

// Where the system does not name the driver's process, the driver does, and a policy decides.
TEST(DriverConnection, AProcessThatIsLearntIsTrustedByThePolicy) {
    test::FakeDriver driver;
    bool takes = false;
    driver.trust_policy = [&takes](std::uint32_t pid) {
        return takes ? os::Process::open(pid)
                     : os::fail("judge", 5, os::Reaction::reject, "a stranger");
    };
    const auto connection = connect(driver);
    const auto event = os::Event::create().value();
    const os::Gift gift = event;
    EXPECT_FALSE(connection->process());
    EXPECT_TRUE(connection->usable()) << "nothing says that it has ended";
    EXPECT_TRUE(connection->ping());
    EXPECT_EQ(connection->give_all({&gift, 1}).error().reaction, os::Reaction::bug);
    const auto refused = connection->add(request());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, kForeignProcess);
    EXPECT_EQ(driver.monitors(), 0u);
    takes = true;
    ASSERT_TRUE(connection->add(request()));
    EXPECT_EQ(connection->process().pid(), os::current_pid());
    EXPECT_TRUE(connection->give_all({&gift, 1}));
}

// A budget of 40 s, lived through at once.
TEST(DriverConnection, AHandshakeThatIsNotAnsweredEndsWithItsBudget) {
    test::FakeDriver driver;
    os::test::HandClock clock;
    driver.clock = &clock;
    driver.hang(true);
    const std::int64_t began_ns = clock.now_ns();
    const std::int64_t deadline_ns = clock.deadline_after(40 * os::kSecond);
    const auto connection =
        DriverConnection::establish(driver.connect(), "fake", deadline_ns, nullptr, nullptr, clock);
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().code, os::DeviceChannel::kTimeout);
    EXPECT_GE(clock.now_ns() - began_ns, 40 * os::kSecond);
    EXPECT_LT(clock.now_ns() - began_ns, 41 * os::kSecond);
}

TEST(DriverConnection, AnAddThatTimesOutIsUndone) {
    test::FakeDriver driver;
    driver.fail_next(proto::kIoctlAdd,
                     test::error_of(os::DeviceChannel::kTimeout, os::Reaction::retry));
    EXPECT_FALSE(connect(driver)->add(request()));
    EXPECT_EQ(driver.count(proto::kIoctlRemove), 1u);
}

TEST(DriverConnection, KnowsWhenThePeerIsGone) {
    test::FakeDriver driver;
    const auto connection = connect(driver);
    EXPECT_TRUE(connection->usable());
    driver.die();
    EXPECT_TRUE(connection->usable());
    EXPECT_FALSE(connection->ping());
    EXPECT_FALSE(connection->usable());
}

static_assert(retires(false, false, 0), "everything but a ping retires at once");
static_assert(retires(true, true, 1));
static_assert(!retires(true, false, 1) && retires(true, false, 2));

// Where a device may answer so while its driver is restarted under it.
TEST(DriverConnection, OnePingThatFindsThePeerGoneMayPass) {
    test::FakeDriver driver;
    driver.gone_is_final = false;
    const auto connection = connect(driver);
    const auto gone = test::error_of(31, os::Reaction::reopen);
    driver.fail_next(proto::kIoctlPing, gone);
    EXPECT_FALSE(connection->ping());
    EXPECT_TRUE(connection->usable());
    EXPECT_TRUE(connection->ping());
    driver.fail_next(proto::kIoctlPing, gone);
    EXPECT_FALSE(connection->ping());
    EXPECT_TRUE(connection->usable()) << "not in a row";
    driver.fail_next(proto::kIoctlPing, gone);
    EXPECT_FALSE(connection->ping());
    EXPECT_FALSE(connection->usable());
}

TEST(DriverConnection, AnythingElseThatFindsThePeerGoneRetiresAtOnce) {
    test::FakeDriver driver;
    driver.gone_is_final = false;
    for (const std::uint32_t code : {proto::kIoctlRemove, proto::kIoctlAdd}) {
        const auto connection = connect(driver);
        driver.fail_next(code, test::error_of(1167, os::Reaction::reopen));
        EXPECT_FALSE(code == proto::kIoctlAdd ? connection->add(request()).has_value()
                                              : connection->remove(7).has_value());
        EXPECT_FALSE(connection->usable());
    }
}

TEST(DriverConnection, RemembersSinceWhenPingsFail) {
    test::FakeDriver driver;
    const auto connection = connect(driver);
    EXPECT_EQ(connection->failing_since_ns(), 0);
    driver.hang(true);
    EXPECT_FALSE(connection->ping());
    const std::int64_t since_ns = connection->failing_since_ns();
    EXPECT_NE(since_ns, 0);
    EXPECT_FALSE(connection->ping());
    EXPECT_EQ(connection->failing_since_ns(), since_ns);
    driver.hang(false);
    EXPECT_TRUE(connection->ping());
    EXPECT_EQ(connection->failing_since_ns(), 0);
    EXPECT_TRUE(connection->usable());
}

}  // namespace
}  // namespace pf::host
