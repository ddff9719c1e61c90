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
    for (const std::int64_t code :
         {std::int64_t{proto::kStatusNotFound}, std::int64_t{proto::kStatusInvalidParameter},
          os::DeviceChannel::kTimeout}) {
        driver_.fail_next(proto::kIoctlSetFrameChannel, test::error_of(code, os::Reaction::reject));
        EXPECT_FALSE(deliver_ring(*connection_, *ring_));
        EXPECT_TRUE(driver_.given().empty());
    }
    EXPECT_EQ(driver_.closed_twice(), 0u);
    EXPECT_TRUE(deliver_ring(*connection_, *ring_)) << "and it works afterwards";
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
