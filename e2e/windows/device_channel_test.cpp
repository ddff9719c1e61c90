// The host's connection to a driver on Windows, against the test driver: what is given and taken
// back, calls on a driver that stands still, and one that dies. For device_channel_test.py, which
// has a node ready.
#include <gtest/gtest.h>

#include <iostream>
#include <thread>

#include <pf/os/device_watch.hpp>
#include <pf/os/wait.hpp>

#include "capture/handle_broker.hpp"
#include "fault_count.hpp"
#include "ioctl_channel.hpp"
#include "native_handle.hpp"
#include "wdmsim/fault_codes.hpp"
#include "wdmsim_client.hpp"

namespace pf::host {
namespace {

using wdmsim::FaultKind;
using wdmsim::HandleFacts;
using wdmsim::Setting;

// Gives into the driver's process, every n-th of which can fail; what is taken back goes on.
os::test::FaultCount gives;

BOOL WINAPI duplicate(HANDLE from, HANDLE source, HANDLE to, LPHANDLE target, DWORD access,
                      BOOL inherit, DWORD options) {
    return !(options == 0 && gives.fails()) &&
           ::DuplicateHandle(from, source, to, target, access, inherit, options);
}

os::DeviceCalls counted_calls() {
    os::DeviceCalls calls;
    calls.duplicate_handle = duplicate;
    return calls;
}

class DeviceChannelTest : public testing::Test {
protected:
    void SetUp() override {
        const auto all = wdmsim::list_interfaces();
        const auto active =
            std::find_if(all.begin(), all.end(), [](const auto& each) { return each.active; });
        ASSERT_NE(active, all.end()) << "no active interface";
        node_ = *active;
        tests_ = wdmsim::NodeFile::open_for_tests(node_.name);
        ASSERT_TRUE(tests_);
        gives.arm(0, 0);
        connect();
    }
    void TearDown() override { tests_.send(wdmsim::kClearFaults, Setting{}); }

    void connect() {
        os::Handle device = os::adopt_handle(::CreateFileW(
            node_.path.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
            nullptr, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, nullptr));
        ASSERT_TRUE(device);
        device_ = os::handle_of(device);
        auto channel =
            std::make_unique<os::IoctlChannel>(counted_calls(), std::move(device), "any");
        channel_ = channel.get();
        connection_ = DriverConnection::establish(std::move(channel), node_.name,
                                                  os::deadline_after(20 * os::kSecond), nullptr)
                          .value();
        ASSERT_TRUE(connection_->clear_all());
    }
    void add_monitor() {
        const proto::AddRequest request{.session_id = 1,
                                        .width = 64,
                                        .height = 32,
                                        .refresh_hz = 60,
                                        .preferred_monitor_id = 0,
                                        .max_luminance_nits = 0,
                                        .max_frame_avg_nits = 0,
                                        .min_luminance_millinits = 0,
                                        .hw_cursor = 1};
        const auto reply = connection_->add(request);
        ASSERT_TRUE(reply) << reply.error().message();
        target_ = reply->target_id;
        ring_ = FrameRing::create({.width = 64,
                                   .height = 32,
                                   .format = PixelFormat::bgra8,
                                   .target_id = target_,
                                   .generation = 1})
                    .value();
    }
    void fault(std::uint32_t code, FaultKind kind, std::uint32_t value, std::uint32_t times) {
        const wdmsim::OperationFault fault{code, kind, value, times};
        ASSERT_EQ(tests_.send(wdmsim::kSetOperationFault, fault).code, 0u);
    }
    // What the driver was given, by nobody else's rights.
    std::uint32_t given() {
        auto objects = wdmsim::count_objects(tests_);
        return objects["section 0x6"] + objects["event 0x2"];
    }
    HandleFacts describe(std::uint64_t value) {
        return tests_.ask<HandleFacts>(wdmsim::kDescribeHandle, std::as_bytes(std::span(&value, 1)))
            .value();
    }
    static bool is_open(HANDLE handle) {
        DWORD flags = 0;
        return ::GetHandleInformation(handle, &flags) != 0;
    }
    static void until(const std::function<bool()>& condition) {
        const std::int64_t deadline_ns = os::deadline_after(20 * os::kSecond);
        while (!condition() && os::now_ns() < deadline_ns) {
            std::this_thread::yield();
        }
        EXPECT_TRUE(condition());
    }

    wdmsim::NodeInterface node_;
    wdmsim::NodeFile tests_;
    HANDLE device_ = nullptr;
    os::DeviceChannel* channel_ = nullptr;  // the connection's
    std::shared_ptr<DriverConnection> connection_;
    std::uint32_t target_ = 0;
    std::unique_ptr<FrameRing> ring_;
};

TEST_F(DeviceChannelTest, RefusalsAtEveryStepLeaveNoHandleInTheDriver) {
    add_monitor();
    const os::Region cursor = os::Region::create(262208, "cursor").value();
    constexpr std::uint32_t kStatuses[] = {proto::kStatusInvalidParameter, proto::kStatusNotFound,
                                           0xC000009A};
    const int parts = static_cast<int>(ring_->geometry().ring_len) + 2;
    (void)connection_->ping();
    const std::uint32_t before = given();
    for (int i = 0; i < 500; ++i) {
        const int step = i % (parts + 2);  // each give, then each of two operations
        gives.arm(step < parts ? step + 1 : 0, ERROR_NO_SYSTEM_RESOURCES);
        const std::uint32_t code =
            step == parts ? proto::kIoctlSetFrameChannel : proto::kIoctlSetCursorChannel;
        if (step >= parts) {
            fault(code, wdmsim::kRefuse, kStatuses[i % 3], 1);
        }
        const auto delivered = step <= parts ? deliver_ring(*connection_, *ring_)
                                             : deliver_cursor(*connection_, cursor, target_);
        ASSERT_FALSE(delivered) << i;
        EXPECT_EQ(outcome_of(delivered), Delivery::refused) << i;
    }
    EXPECT_EQ(given(), before);
    gives.arm(0, 0);
    EXPECT_TRUE(deliver_ring(*connection_, *ring_)) << "and it works afterwards";
}

// The driver may have adopted them: their numbers may name handles of its own by now.
TEST_F(DeviceChannelTest, DeliveriesWithoutAnAnswerLeaveEverythingAlone) {
    add_monitor();
    fault(proto::kIoctlSetFrameChannel, wdmsim::kNeverAnswer, 0, 0);
    const std::vector<os::Gift> gifts = {ring_->header_region(), ring_->event()};
    std::vector<std::uint64_t> given;
    for (int i = 0; i < 100; ++i) {
        const auto values = channel_->give_all(gifts, {});
        ASSERT_TRUE(values);
        proto::SetFrameChannelRequest request{};
        request.target_id = target_;
        request.header_handle = (*values)[0];
        request.event_handle = (*values)[1];
        const auto answer =
            channel_->call(proto::kIoctlSetFrameChannel, std::as_bytes(std::span(&request, 1)), {},
                           os::deadline_after(5 * os::kMillisecond));
        ASSERT_FALSE(answer) << i;
        EXPECT_EQ(answer.error().code, os::DeviceChannel::kTimeout) << i;
        given.insert(given.end(), values->begin(), values->end());
    }
    for (std::size_t i = 0; i < given.size(); i += 2) {
        const HandleFacts section = describe(given[i]);
        const HandleFacts event = describe(given[i + 1]);
        EXPECT_EQ(section.kind, std::uint32_t(wdmsim::kSection)) << i;
        EXPECT_EQ(section.granted, std::uint32_t(SECTION_MAP_READ | SECTION_MAP_WRITE));
        EXPECT_EQ(event.kind, std::uint32_t(wdmsim::kEvent)) << i;
        EXPECT_EQ(event.granted, std::uint32_t(EVENT_MODIFY_STATE));
    }
    EXPECT_TRUE(connection_->ping()) << "100 that hang leave room for another";
}

TEST_F(DeviceChannelTest, StatusesAreTheContracts) {
    const auto none = connection_->update_modes({99, 640, 480, 60, 0});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, proto::kStatusNotFound);
    EXPECT_EQ(none.error().reaction, os::Reaction::retry) << "1168 is not gone";
    const auto bad = connection_->update_modes({99, 0, 0, 60, 0});
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, proto::kStatusInvalidParameter);
    std::byte four[4];
    const auto small = channel_->call(proto::kIoctlGetInfo, {}, four, {});
    ASSERT_FALSE(small);
    EXPECT_EQ(small.error().code, proto::kStatusBufferTooSmall);
    EXPECT_TRUE(connection_->usable());
}

TEST_F(DeviceChannelTest, AShortReplyIsNotDecoded) {
    fault(proto::kIoctlAdd, wdmsim::kShortReply, 12, 1);
    const proto::AddRequest request{7, 64, 32, 60, 0, 0, 0, 0, 0};
    const auto reply = connection_->add(request);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, kShortReply);
}

TEST_F(DeviceChannelTest, APingPassesAnAddThatHangs) {
    fault(proto::kIoctlAdd, wdmsim::kNeverAnswer, 0, 0);
    StopSignal stop(os::Flag::create().value(), nullptr);
    std::thread slow([&] {
        EXPECT_EQ(connection_->add({7, 64, 32, 60, 0, 0, 0, 0, 0}, &stop).error().code,
                  os::DeviceChannel::kCancelled);
    });
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(connection_->ping());
    }
    stop.stop();
    slow.join();
}

// A host that lets go of a device whose call hangs: the call is taken back, and the handle closes.
TEST_F(DeviceChannelTest, ARetiredHandleCloses) {
    fault(proto::kIoctlUpdateModes, wdmsim::kNeverAnswer, 0, 0);
    const StopSignal stop(os::Flag::create().value(), nullptr);
    const_cast<StopSignal&>(stop).stop();
    EXPECT_FALSE(connection_->update_modes({7, 64, 32, 60, 0}, &stop));
    const HANDLE device = device_;
    connection_.reset();
    until([device] { return !is_open(device); });
}

TEST_F(DeviceChannelTest, AHungUpDeviceClosesUnderItsUsers) {
    const HANDLE device = device_;
    connection_->hang_up();
    until([device] { return !is_open(device); });
    EXPECT_FALSE(connection_->usable());
    EXPECT_FALSE(connection_->ping());
}

TEST_F(DeviceChannelTest, AFrozenDriverHoldsNobodyUp) {
    ASSERT_EQ(tests_.send(wdmsim::kSetFrozen, Setting{1}).code, 0u);
    const std::int64_t began_ns = os::now_ns();
    const auto answer = connection_->ping();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, os::DeviceChannel::kTimeout);
    EXPECT_LT(os::now_ns() - began_ns, 5 * os::kSecond);
    ASSERT_EQ(tests_.send(wdmsim::kSetFrozen, Setting{0}).code, 0u);
    EXPECT_TRUE(connection_->ping());
}

// Its process is stopped as a whole, between the two lines.
TEST_F(DeviceChannelTest, AStoppedProcessHoldsNobodyUp) {
    add_monitor();
    std::string line;
    std::cout << "ready" << std::endl;
    std::getline(std::cin, line);
    const std::int64_t began_ns = os::now_ns();
    for (int i = 0; i < 20; ++i) {  // more than there are threads
        const auto answer =
            channel_->call(proto::kIoctlPing, {}, {}, os::deadline_after(50 * os::kMillisecond));
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, os::DeviceChannel::kTimeout);
    }
    const os::Gift gift = ring_->event();
    const auto values = channel_->give_all({&gift, 1}, os::deadline_after(os::kSecond));
    ASSERT_TRUE(values);
    (void)channel_->close_remote((*values)[0], os::deadline_after(50 * os::kMillisecond));
    EXPECT_LT(os::now_ns() - began_ns, 5 * os::kSecond);
    EXPECT_TRUE(connection_->usable()) << "it may go on";
    std::cout << "stood" << std::endl;
    std::getline(std::cin, line);
    until([this] { return connection_->ping().has_value(); });
    // Taken back at last; the driver may use the value for another handle.
    until([&] { return describe((*values)[0]).granted != EVENT_MODIFY_STATE; });
}

// Killed between the two lines.
TEST_F(DeviceChannelTest, ADeathIsNoticedAndFinal) {
    add_monitor();
    std::string line;
    std::cout << "ready" << std::endl;
    std::getline(std::cin, line);
    until([this] { return connection_->process_ended(); });
    EXPECT_FALSE(connection_->usable());
    const os::Gift gift = ring_->event();
    EXPECT_EQ(connection_->give_all({&gift, 1}).error().reaction, os::Reaction::reopen);
    EXPECT_EQ(connection_->close_remote(4, os::deadline_after(os::kSecond)).error().reaction,
              os::Reaction::reopen);
    EXPECT_EQ(connection_->remove(1).error().reaction, os::Reaction::reopen);
    const HANDLE device = device_;
    connection_.reset();
    until([device] { return !is_open(device); });
}

TEST_F(DeviceChannelTest, ArrivalAndRemovalAreTold) {
    const auto watch = os::DeviceWatch::start();
    ASSERT_TRUE(watch) << watch.error().message();
    const auto told_of = [&](std::uint32_t enabled, std::int64_t timeout_ns) {
        EXPECT_EQ(tests_.send(wdmsim::kSetInterface, Setting{enabled}).code, 0u);
        return os::wait({(*watch)->changed()}, os::deadline_after(timeout_ns));
    };
    // Under Wine a while passes before the first is told.
    until([&] { return told_of(0, 0) || told_of(1, 100 * os::kMillisecond); });
    (void)told_of(1, os::kSecond);
    (*watch)->changed().clear();
    EXPECT_TRUE(told_of(0, 20 * os::kSecond)) << "removal";
    EXPECT_TRUE(told_of(1, 20 * os::kSecond)) << "arrival";
}

TEST_F(DeviceChannelTest, AStrictPolicyGivesNothingToAnotherProgram) {
    connection_.reset();
    auto channel = os::DeviceChannel::open(node_.name);
    ASSERT_TRUE(channel) << channel.error().message();
    const auto connection =
        DriverConnection::establish(std::move(*channel), node_.name,
                                    os::deadline_after(20 * os::kSecond), nullptr)
            .value();
    const auto reply = connection->add({7, 64, 32, 60, 0, 0, 0, 0, 0});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, kForeignProcess);
    EXPECT_NE(reply.error().detail.find("winedevice.exe"), std::string::npos);
}

}  // namespace
}  // namespace pf::host
