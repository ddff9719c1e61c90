#include "capture/handle_broker.hpp"

#include <gtest/gtest.h>

#include "test/fake_driver.hpp"

namespace pf::host {
namespace {

class Broker : public testing::Test {
protected:
    Broker() {
        proto::AddRequest add{};
        add.session_id = 1;
        add.width = 64;
        add.height = 32;
        add.refresh_hz = 60;
        add.hw_cursor = 1;
        const auto reply = connection_->add(add).value();
        ring_ = FrameRing::create({.width = 64,
                                   .height = 32,
                                   .format = PixelFormat::bgra8,
                                   .target_id = reply.target_id,
                                   .generation = 1})
                    .value();
    }
    test::FakeDriver driver_;
    std::shared_ptr<DriverConnection> connection_ =
        DriverConnection::establish(driver_.connect(), "fake", os::deadline_after(os::kSecond),
                                    nullptr)
            .value();
    std::unique_ptr<FrameRing> ring_;
};

TEST_F(Broker, ASuccessfulDeliveryLeavesTheValuesToTheDriver) {
    ASSERT_TRUE(deliver_ring(*connection_, *ring_));
    EXPECT_EQ(driver_.count(proto::kIoctlSetFrameChannel), 1u);
    EXPECT_TRUE(driver_.given().empty());
    EXPECT_EQ(driver_.closed_twice(), 0u);
}

TEST_F(Broker, EveryFailingStepReapsWhatWasGiven) {
    for (int step = 1; step <= 8; ++step) {  // header, event, six slots
        driver_.fail_give(step);
        EXPECT_FALSE(deliver_ring(*connection_, *ring_)) << step;
        EXPECT_TRUE(driver_.given().empty()) << step;
    }
    EXPECT_EQ(driver_.count(proto::kIoctlSetFrameChannel), 0u);
    for (const std::uint32_t code : {proto::kStatusNotFound, proto::kStatusInvalidParameter}) {
        driver_.fail_next(proto::kIoctlSetFrameChannel, test::error_of(code, os::Reaction::reject));
        EXPECT_FALSE(deliver_ring(*connection_, *ring_));
        EXPECT_TRUE(driver_.given().empty());
    }
    EXPECT_EQ(driver_.closed_twice(), 0u);
    EXPECT_TRUE(deliver_ring(*connection_, *ring_)) << "and it works afterwards";
}

// The driver may have taken them: their numbers may name handles of its own by now.
TEST_F(Broker, ADeliveryWithoutAnAnswerLeavesTheValuesAlone) {
    const os::Error unanswered[] = {
        test::error_of(os::DeviceChannel::kTimeout, os::Reaction::retry),
        test::error_of(os::DeviceChannel::kCancelled, os::Reaction::retry),
        test::error_of(104, os::Reaction::reopen)};
    std::size_t left = 0;
    for (const os::Error& error : unanswered) {
        EXPECT_EQ(outcome_of(tl::unexpected(error)), Delivery::unknown);
        driver_.fail_next(proto::kIoctlSetFrameChannel, error);
        EXPECT_FALSE(deliver_ring(*connection_, *ring_));
        left += 8;
        EXPECT_EQ(driver_.given().size(), left);
    }
    EXPECT_EQ(driver_.closed_twice(), 0u);
}

TEST_F(Broker, ACancelledDeliveryEndsAtOnce) {
    StopSignal stop(os::Flag::create().value(), nullptr);
    stop.stop();
    const auto delivered = deliver_ring(*connection_, *ring_, &stop);
    ASSERT_FALSE(delivered);
    EXPECT_EQ(delivered.error().code, os::DeviceChannel::kCancelled);
    EXPECT_EQ(driver_.count(proto::kIoctlSetFrameChannel), 0u);
}

TEST_F(Broker, TheCursorSectionToo) {
    const auto section = os::Region::create(proto::kCursorSectionBytes, "test").value();
    driver_.fail_next(proto::kIoctlSetCursorChannel,
                      test::error_of(proto::kStatusNotFound, os::Reaction::reject));
    EXPECT_FALSE(deliver_cursor(*connection_, section, ring_->target_id()));
    EXPECT_TRUE(driver_.given().empty());
    EXPECT_TRUE(deliver_cursor(*connection_, section, ring_->target_id()));
    EXPECT_EQ(driver_.closed_twice(), 0u);
}

}  // namespace
}  // namespace pf::host
