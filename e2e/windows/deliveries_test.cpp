// Deliveries that the driver refuses, or never answers, counted in its process: what it did not
// adopt is taken back, and what it may have adopted is left alone.
#include <cstdlib>

#include <gtest/gtest.h>

#include <pf/os/device_channel.hpp>
#include <pf/proto/control.hpp>
#include <pf/proto/ring_extension.hpp>

#include "capture/frame_ring.hpp"
#include "capture/handle_broker.hpp"
#include "device/driver_connection.hpp"
#include "wdmsim/fault_codes.hpp"
#include "wdmsim_client.hpp"

namespace pf::wdmsim {
namespace {

constexpr const char* kNode = "ROOT\\DISPLAY\\0000";
constexpr std::size_t kObjects = 8;  // header, event, six slots

class WindowsDeliveries : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(tests_);
        auto opened = os::DeviceChannel::open(kNode, {}, "any");
        ASSERT_TRUE(opened) << opened.error().message();
        auto connection = host::DriverConnection::establish(
            std::move(*opened), kNode, os::deadline_after(20 * os::kSecond), nullptr);
        ASSERT_TRUE(connection) << connection.error().message();
        driver_ = std::move(*connection);
        proto::AddRequest request{};
        request.session_id = 1;
        request.width = 320;
        request.height = 200;
        request.refresh_hz = 60;
        const auto added = driver_->add(request);
        ASSERT_TRUE(added) << added.error().message();
        target_id_ = added->target_id;
    }
    void TearDown() override { tests_.send(kClearFaults, Setting{}); }

    std::unique_ptr<host::FrameRing> ring(std::uint32_t generation) const {
        host::RingSpec spec;
        spec.width = 320;
        spec.height = 200;
        spec.target_id = target_id_;
        spec.generation = generation;
        return std::move(host::FrameRing::create(spec).value());
    }
    // Of the next delivery. The ping is what keeps the monitor of a busy host.
    void fault(std::uint32_t kind, std::uint32_t value) {
        ASSERT_TRUE(driver_->ping());
        const OperationFault fault{proto::kIoctlSetFrameChannel, kind, value, 1};
        ASSERT_EQ(tests_.send(kSetOperationFault, fault).code, 0u);
    }
    std::uint32_t handles() const {
        return tests_.ask<HandleCount>(kCountHandles).value_or(HandleCount{}).open;
    }
    bool exists(std::uint64_t value) const {
        return tests_.ask<HandleFacts>(kDescribeHandle, std::as_bytes(std::span(&value, 1)))
                   .value_or(HandleFacts{})
                   .exists != 0;
    }

    NodeFile tests_ = NodeFile::open_for_tests(kNode);
    std::shared_ptr<host::DriverConnection> driver_;
    std::uint32_t target_id_ = 0;
};

TEST_F(WindowsDeliveries, FiveHundredThatAreRefusedLeaveNoHandle) {
    constexpr std::uint32_t kStatuses[] = {proto::kStatusInvalidParameter, proto::kStatusNotFound,
                                           proto::kStatusNotSupported, proto::kStatusBufferTooSmall,
                                           0xC000009A};
    const std::uint32_t before = handles();
    ASSERT_NE(before, 0u);
    for (std::uint32_t i = 0; i < 500; ++i) {
        fault(kRefuse, kStatuses[i % std::size(kStatuses)]);
        const auto delivered = host::deliver_ring(*driver_, *ring(i + 1), nullptr);
        ASSERT_FALSE(delivered);
        ASSERT_EQ(host::outcome_of(delivered), host::Delivery::refused)
            << delivered.error().message();
    }
    EXPECT_EQ(handles(), before);
    EXPECT_TRUE(host::deliver_ring(*driver_, *ring(1000), nullptr)) << "and one that is taken";
    EXPECT_GE(handles(), before + kObjects);  // what it makes to serve the ring comes to that
}

// A driver that is told the target of nobody, and a ring of no slots, refuses by itself.
TEST_F(WindowsDeliveries, WhatTheDriverItselfRefusesIsTakenBackToo) {
    const std::uint32_t before = handles();
    const std::uint32_t right = target_id_;
    for (std::uint32_t i = 0; i < 50; ++i) {
        target_id_ = right + 1000;
        const auto delivered = host::deliver_ring(*driver_, *ring(i + 1), nullptr);
        ASSERT_EQ(host::outcome_of(delivered), host::Delivery::refused);
    }
    EXPECT_EQ(handles(), before);
}

TEST_F(WindowsDeliveries, AHundredWithoutAnAnswerCloseNothing) {
    auto channel = os::DeviceChannel::open(kNode, {}, "any");
    ASSERT_TRUE(channel && (*channel)->trust(driver_->process().pid()));
    const std::uint32_t before = handles();
    std::vector<std::uint64_t> all;
    for (std::uint32_t i = 0; i < 100; ++i) {
        const auto made = ring(i + 1);
        std::vector<os::Gift> gifts = {made->header_region(), made->event()};
        for (std::uint32_t slot = 0; slot < proto::kRingLen; ++slot) {
            gifts.emplace_back(made->slot_region(slot));
        }
        const auto values = (*channel)->give_all(gifts, os::deadline_after(20 * os::kSecond));
        ASSERT_TRUE(values) << values.error().message();
        all.insert(all.end(), values->begin(), values->end());
        fault(kNeverAnswer, 0);
        proto::SetFrameChannelRequest request{};
        request.target_id = target_id_;
        request.generation = i + 1;
        request.ring_len = proto::kRingLen;
        request.header_bytes = proto::kHeaderSectionBytes;
        request.header_handle = (*values)[0];
        request.event_handle = (*values)[1];
        std::copy_n(values->begin() + 2, proto::kRingLen, request.texture_handles);
        const auto answered =
            (*channel)->call(proto::kIoctlSetFrameChannel, std::as_bytes(std::span(&request, 1)),
                             {}, os::deadline_after(20 * os::kMillisecond));
        ASSERT_FALSE(answered);
        ASSERT_TRUE(os::DeviceChannel::unanswered(answered.error())) << answered.error().message();
    }
    EXPECT_EQ(handles(), before + all.size());
    for (const std::uint64_t value : all) {
        ASSERT_TRUE(exists(value)) << value;
    }
}

}  // namespace
}  // namespace pf::wdmsim
