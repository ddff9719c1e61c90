// The test driver from outside, by nothing but Win32 and the contract: it serves frames, adopts
// handles as it must, and each of its faults is what it says. For wdmsim_test.py, which has a node
// ready.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <thread>

#include <pf/os/clock.hpp>
#include <pf/proto/control.hpp>

#include "process/test/hand_ring.hpp"
#include "wdmsim/fault_codes.hpp"
#include "wdmsim_client.hpp"

namespace pf::wdmsim {
namespace {

using driver::test::HandRing;
using proto::SetFrameChannelRequest;

constexpr DWORD kSectionRights = SECTION_MAP_READ | SECTION_MAP_WRITE;
constexpr DWORD kEventRights = EVENT_MODIFY_STATE;
constexpr DWORD kShort = 200;  // ms, of a call that is not to be answered

// Of the driver that several threads use. mingw-w64's mutex has an event from the first time on
// that one thread waits for another: once for each, so it may come with any request.
constexpr std::uint32_t kMutexes = 8;

// Handles of ours in the driver's process.
class Gifts {
public:
    explicit Gifts(std::uint32_t pid)
        : process_(os::Handle::adopt(
              reinterpret_cast<os::Handle::Native>(OpenProcess(PROCESS_DUP_HANDLE, FALSE, pid)))) {}

    std::uint64_t give(const os::Handle& handle, DWORD rights) {
        HANDLE there = nullptr;
        EXPECT_TRUE(DuplicateHandle(GetCurrentProcess(), native(handle), native(process_), &there,
                                    rights, FALSE, 0));
        return reinterpret_cast<std::uint64_t>(there);
    }
    void take_back(std::uint64_t value) {
        HANDLE back = nullptr;
        EXPECT_TRUE(DuplicateHandle(native(process_), reinterpret_cast<HANDLE>(value),
                                    GetCurrentProcess(), &back, 0, FALSE,
                                    DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
        CloseHandle(back);
    }

private:
    static HANDLE native(const os::Handle& handle) {
        return reinterpret_cast<HANDLE>(handle.native());
    }
    os::Handle process_;
};

std::vector<std::uint64_t> values_of(const SetFrameChannelRequest& request) {
    std::vector<std::uint64_t> values = {request.header_handle, request.event_handle};
    values.insert(values.end(), std::begin(request.texture_handles),
                  std::end(request.texture_handles));
    return values;
}

class Wdmsim : public testing::Test {
protected:
    void SetUp() override {
        for (const auto& each : list_interfaces()) {
            if (each.active) {
                node_ = each;
                break;
            }
        }
        ASSERT_TRUE(node_.active) << "no active interface";
        tests_ = NodeFile::open_for_tests(node_.name);
        ASSERT_TRUE(tests_) << tests_.error();
        ASSERT_EQ(tests_.send(kClearFaults, Setting{}).code, 0U);
        file_ = NodeFile::open(node_.path);
        ASSERT_TRUE(file_) << file_.error();
    }
    void TearDown() override {
        if (tests_) {
            tests_.send(kSetInterface, Setting{1});
            tests_.send(kClearFaults, Setting{});
        }
    }

    void fault(std::uint32_t code, FaultKind kind, std::uint32_t value, std::uint32_t times = 0) {
        ASSERT_EQ(tests_.send(kSetOperationFault, OperationFault{code, kind, value, times}).code,
                  0U);
    }
    proto::AddReply add(std::uint64_t session, std::uint32_t monitor_id = 0) {
        const proto::AddRequest request{session, 320, 200, 240, monitor_id, 0, 0, 0, 0};
        return file_.ask<proto::AddReply>(proto::kIoctlAdd, std::as_bytes(std::span(&request, 1)))
            .value_or(proto::AddReply{});
    }
    HandleFacts describe(std::uint64_t value) {
        return tests_.ask<HandleFacts>(kDescribeHandle, std::as_bytes(std::span(&value, 1)))
            .value_or(HandleFacts{});
    }
    std::uint32_t handles() {
        return tests_.ask<HandleCount>(kCountHandles).value_or(HandleCount{}).open;
    }
    bool is_active() {
        for (const auto& each : list_interfaces()) {
            if (each.name == node_.name) {
                return each.active;
            }
        }
        return false;
    }
    DWORD ping(DWORD deadline_ms = 20'000) {
        return file_.call(proto::kIoctlPing, {}, {}, deadline_ms).code;
    }

    // What is let go goes with its last user, a thread of the driver's.
    bool handles_come_down_to(std::uint32_t count) {
        const std::int64_t deadline_ns = os::deadline_after(20 * os::kSecond);
        while (handles() > count && os::now_ns() < deadline_ns) {
            std::this_thread::yield();
        }
        return handles() <= count;
    }
    void take_frames(int count);
    void call_and_give_up();

    NodeInterface node_;
    NodeFile tests_;
    NodeFile file_;
};

SetFrameChannelRequest give_all(Gifts& gifts, const HandRing& ring) {
    return ring.delivery([&](const os::Handle& handle) {
        const bool event = &handle == &ring.event().handle();
        return gifts.give(handle, event ? kEventRights : kSectionRights);
    });
}

void Wdmsim::take_frames(int count) {
    const auto added = add(1);
    ASSERT_NE(added.target_id, 0U);
    Gifts gifts(added.wudf_pid);
    HandRing ring({.target_id = added.target_id, .width = 320, .height = 200});
    ASSERT_EQ(file_.send(proto::kIoctlSetFrameChannel, give_all(gifts, ring)).code, 0U);
    for (int i = 0; i < count; ++i) {
        const auto frame = ring.wait_frame(os::deadline_after(20 * os::kSecond));
        ASSERT_TRUE(frame) << i;
        EXPECT_TRUE(ring.verify(*frame).whole) << i;
        ring.release(*frame);
    }
    EXPECT_EQ(file_.send(proto::kIoctlRemove, proto::RemoveRequest{1}).code, 0U);
}

TEST_F(Wdmsim, ShakesHands) {
    const auto info = file_.ask<proto::InfoReply>(proto::kIoctlGetInfo);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->protocol_version, proto::kProtocolVersion);
    EXPECT_EQ(info->watchdog_timeout_s, 10U);
}

TEST_F(Wdmsim, FramesArriveWholeAndWhatWasAdoptedIsClosedInTheEnd) {
    take_frames(10);  // what the process makes once is there from then on
    ASSERT_EQ(ping(), 0U);
    const std::uint32_t before = handles();
    take_frames(300);
    ASSERT_EQ(ping(), 0U);
    EXPECT_TRUE(handles_come_down_to(before)) << handles() << " of " << before;
}

TEST_F(Wdmsim, ARefusedDeliveryClosesNothing) {
    const auto added = add(1);
    Gifts gifts(added.wudf_pid);
    const HandRing ring({.target_id = added.target_id, .width = 320, .height = 200});
    const std::uint32_t before = handles();
    fault(proto::kIoctlSetFrameChannel, kRefuse, proto::kStatusInvalidParameter, 1);
    auto request = give_all(gifts, ring);
    EXPECT_NE(file_.send(proto::kIoctlSetFrameChannel, request).code, 0U);
    // Refused by the driver itself: one value is none.
    const std::uint64_t right = request.texture_handles[5];
    request.texture_handles[5] = 0x12344;
    EXPECT_NE(file_.send(proto::kIoctlSetFrameChannel, request).code, 0U);
    request.texture_handles[5] = right;
    for (const std::uint64_t value : values_of(request)) {
        const auto facts = describe(value);
        EXPECT_TRUE(facts.exists);
        const bool event = value == request.event_handle;
        EXPECT_EQ(facts.kind, event ? kEvent : kSection);
        EXPECT_EQ(facts.granted, event ? kEventRights : kSectionRights);
        gifts.take_back(value);
    }
    EXPECT_EQ(handles(), before);
}

TEST_F(Wdmsim, MonitorsDepartWithTheLastFile) {
    EXPECT_EQ(add(1, 7).resolved_monitor_id, 7U);
    file_ = NodeFile();
    tests_ = NodeFile();
    tests_ = NodeFile::open_for_tests(node_.name);
    file_ = NodeFile::open(node_.path);
    EXPECT_EQ(add(2, 7).resolved_monitor_id, 7U);
}

TEST_F(Wdmsim, AReplyIsAsShortAsItIsSet) {
    fault(proto::kIoctlGetInfo, kShortReply, 3, 1);
    std::array<std::byte, 8> reply{};
    EXPECT_EQ(file_.call(proto::kIoctlGetInfo, {}, reply).bytes, 3U);
    EXPECT_EQ(file_.call(proto::kIoctlGetInfo, {}, reply).bytes, 8U);
}

TEST_F(Wdmsim, TellsAnotherVersion) {
    ASSERT_EQ(tests_.send(kSetReportedVersion, Setting{99}).code, 0U);
    const auto info = file_.ask<proto::InfoReply>(proto::kIoctlGetInfo);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->protocol_version, 99U);
}

TEST_F(Wdmsim, WhatIsNeverAnsweredCanBeCancelled) {
    fault(proto::kIoctlPing, kNeverAnswer, 0, 1);
    EXPECT_EQ(ping(kShort), kDeadlinePassed);
    EXPECT_EQ(ping(), 0U);
}

// Completion, cancellation and the end of a file meet in every order.
void Wdmsim::call_and_give_up() {
    std::vector<std::thread> callers;
    for (DWORD caller = 0; caller < 6; ++caller) {
        callers.emplace_back([this, caller] {
            for (DWORD i = 0; i < 60; ++i) {
                const NodeFile file = NodeFile::open(node_.path);
                file.call(proto::kIoctlPing, {}, {}, (i + caller) % 3);
                file.call(proto::kIoctlClearAll, {}, {}, i % 2);
                // A cancel that comes when its request is completed already may hit the next one,
                // which has its memory (Wine).
                const DWORD code = file.call(proto::kIoctlPing, {}, {}).code;
                EXPECT_TRUE(code == 0 || code == ERROR_OPERATION_ABORTED) << code;
            }
        });
    }
    for (auto& caller : callers) {
        caller.join();
    }
    EXPECT_EQ(ping(), 0U);
}

TEST_F(Wdmsim, ManyCallersThatGiveUpAndCloseLeaveNothing) {
    fault(proto::kIoctlClearAll, kNeverAnswer, 0);
    call_and_give_up();  // what the process makes once is there from then on
    const std::uint32_t before = handles();
    call_and_give_up();
    EXPECT_TRUE(handles_come_down_to(before + kMutexes)) << handles() << " after " << before;
}

TEST_F(Wdmsim, FrozenItAnswersWhenItThaws) {
    ASSERT_EQ(tests_.send(kSetFrozen, Setting{1}).code, 0U);
    EXPECT_EQ(ping(kShort), kDeadlinePassed);
    ASSERT_EQ(tests_.send(kSetFrozen, Setting{0}).code, 0U);
    EXPECT_EQ(ping(), 0U);
}

TEST_F(Wdmsim, AHeldOpenIsServedWhenItIsLetGo) {
    ASSERT_EQ(tests_.send(kSetHoldOpens, Setting{1}).code, 0U);
    EXPECT_EQ(ping(), 0U);  // was open before
    file_ = NodeFile::open(node_.path);
    EXPECT_EQ(ping(kShort), kDeadlinePassed);
    ASSERT_EQ(tests_.send(kSetHoldOpens, Setting{0}).code, 0U);
    EXPECT_EQ(ping(), 0U);
}

TEST_F(Wdmsim, AHiddenInterfaceIsInactiveAndItsFilesGoOn) {
    ASSERT_EQ(tests_.send(kSetInterface, Setting{0}).code, 0U);
    EXPECT_FALSE(is_active());
    EXPECT_FALSE(NodeFile::open(node_.path));
    EXPECT_EQ(ping(), 0U);
    ASSERT_EQ(tests_.send(kSetInterface, Setting{1}).code, 0U);
    EXPECT_TRUE(is_active());
    EXPECT_TRUE(NodeFile::open(node_.path));
}

}  // namespace
}  // namespace pf::wdmsim
