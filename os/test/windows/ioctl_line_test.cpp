#include "ioctl_line.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <thread>

#include <pf/os/device_channel.hpp>
#include <pf/os/wait.hpp>

#include "fault_count.hpp"
#include "native_handle.hpp"

namespace pf::os {
namespace {

constexpr DWORD kEcho = 1;
constexpr DWORD kHang = 2;     // until the gate opens, whatever is cancelled
constexpr DWORD kPending = 3;  // overlapped, until it is cancelled
constexpr DWORD kShort = 4;    // half of the output

// A device is an event, since that needs no driver. The calls are plain functions, so there is one
// at a time.
struct FakeDevice {
    FakeDevice() { current = this; }
    ~FakeDevice() {
        gate.set();
        until([this] { return inside == 0; });
        current = nullptr;
    }
    static FakeDevice* current;

    static void until(const std::function<bool()>& condition) {
        const std::int64_t deadline_ns = deadline_after(10 * kSecond);
        while (!condition() && now_ns() < deadline_ns) {
            sleep_until(deadline_after(kMillisecond));
        }
        EXPECT_TRUE(condition());
    }

    Flag gate = Flag::create().value();
    std::atomic<int> inside{0};
    std::atomic<int> served{0};
    std::atomic<int> cancelled{0};
    std::atomic<bool> fails_event{false};

    static BOOL WINAPI io_control(HANDLE, DWORD code, LPVOID in, DWORD in_bytes, LPVOID out,
                                  DWORD out_bytes, LPDWORD bytes, LPOVERLAPPED overlapped) {
        FakeDevice& self = *current;
        ++self.inside;
        const DWORD error = self.serve(code, in, in_bytes, out, out_bytes, bytes, overlapped);
        ++self.served;
        --self.inside;
        ::SetLastError(error);
        return error == ERROR_SUCCESS;
    }
    DWORD serve(DWORD code, LPVOID in, DWORD in_bytes, LPVOID out, DWORD out_bytes, LPDWORD bytes,
                LPOVERLAPPED overlapped) {
        switch (code) {
            case kHang: (void)wait({gate}, kNever); break;
            case kPending:
                ::ResetEvent(overlapped->hEvent);
                overlapped->Internal = 0;
                return ERROR_IO_PENDING;
            case kShort: *bytes = out_bytes / 2; return ERROR_SUCCESS;
            case kEcho: break;
            default: return code;
        }
        *bytes = std::min(in_bytes, out_bytes);
        std::memcpy(out, in, *bytes);
        return ERROR_SUCCESS;
    }
    static BOOL WINAPI cancel_io(HANDLE, LPOVERLAPPED overlapped) {
        ++current->cancelled;
        if (overlapped != nullptr && overlapped->hEvent != nullptr) {
            ::SetEvent(overlapped->hEvent);
        }
        return TRUE;
    }
    static BOOL WINAPI get_result(HANDLE, LPOVERLAPPED overlapped, LPDWORD bytes, BOOL) {
        ::WaitForSingleObject(overlapped->hEvent, INFINITE);
        *bytes = 0;
        ::SetLastError(ERROR_OPERATION_ABORTED);
        return FALSE;
    }
    static HANDLE WINAPI create_event(LPSECURITY_ATTRIBUTES access, BOOL manual, BOOL set,
                                      LPCWSTR name) {
        if (current->fails_event) {
            ::SetLastError(ERROR_NO_SYSTEM_RESOURCES);
            return nullptr;
        }
        return ::CreateEventW(access, manual, set, name);
    }
    static DeviceCalls calls() {
        DeviceCalls calls;
        calls.device_io_control = io_control;
        calls.cancel_io = cancel_io;
        calls.get_overlapped_result = get_result;
        calls.create_event = create_event;
        return calls;
    }
};
FakeDevice* FakeDevice::current = nullptr;

bool is_open(HANDLE handle) {
    DWORD flags = 0;
    return ::GetHandleInformation(handle, &flags) != 0;
}

class IoctlLineTest : public testing::Test {
protected:
    IoctlLineTest() {
        Handle handle = adopt_handle(::CreateEventW(nullptr, FALSE, FALSE, nullptr));
        native_ = handle_of(handle);
        line_ = std::make_unique<IoctlLine>(FakeDevice::calls(), std::move(handle));
    }
    Result<IoctlAnswer> call(DWORD code, const Patience& patience = {},
                             IoctlLine::Left left = IoctlLine::Left::cancelled) {
        return line_->call(code, std::as_bytes(std::span(kText)), sizeof kText, left, patience, {});
    }
    static constexpr char kText[8] = "echo";
    FakeDevice fake_;
    HANDLE native_ = nullptr;
    std::unique_ptr<IoctlLine> line_;
};

TEST_F(IoctlLineTest, BringsTheAnswer) {
    const auto answer = call(kEcho);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code, 0u);
    ASSERT_EQ(answer->output.size(), sizeof kText);
    EXPECT_EQ(std::memcmp(answer->output.data(), kText, sizeof kText), 0);
    EXPECT_EQ(call(kShort)->output.size(), sizeof kText / 2);
    EXPECT_EQ(call(ERROR_NOT_FOUND)->code, DWORD(ERROR_NOT_FOUND));
}

TEST_F(IoctlLineTest, OneThatHangsHoldsUpNoOther) {
    std::thread slow([this] { EXPECT_TRUE(call(kHang)); });
    FakeDevice::until([this] { return fake_.inside == 1; });
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(call(kEcho, deadline_after(5 * kSecond)));
    }
    fake_.gate.set();
    slow.join();
}

TEST_F(IoctlLineTest, ADeadlineEndsTheWaitAndTheAnswerIsDropped) {
    const std::int64_t began_ns = now_ns();
    const auto answer = call(kHang, deadline_after(20 * kMillisecond));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, DeviceChannel::kTimeout);
    EXPECT_LT(now_ns() - began_ns, 2 * kSecond);
    EXPECT_EQ(fake_.cancelled, 1);
    fake_.gate.set();
    FakeDevice::until([this] { return fake_.served == 1; });
    EXPECT_TRUE(call(kEcho));
}

TEST_F(IoctlLineTest, AFlagEndsTheWait) {
    const Flag cancel = Flag::create().value();
    cancel.set();
    EXPECT_EQ(call(kHang, Patience(kNever, nullptr, nullptr, &cancel)).error().code,
              DeviceChannel::kCancelled);
}

// What the system makes of that, at whatever moment, is no word of the driver's.
TEST_F(IoctlLineTest, AnOverlappedCallIsTakenBack) {
    for (int i = 0; i < 200; ++i) {
        const auto answer = call(kPending, deadline_after(kMillisecond));
        ASSERT_FALSE(answer) << answer->code;
        EXPECT_EQ(answer.error().code, DeviceChannel::kTimeout);
    }
    EXPECT_TRUE(call(kEcho));
}

TEST_F(IoctlLineTest, ThreadsAreBoundedAndWhatWaitsForOneIsTakenBack) {
    constexpr int kMore = 3;
    for (std::size_t i = 0; i < IoctlLine::kMaxWorkers + kMore; ++i) {
        EXPECT_FALSE(call(kHang, deadline_after(5 * kMillisecond)));
    }
    EXPECT_EQ(fake_.inside, int(IoctlLine::kMaxWorkers));
    // Still asked for when a thread comes free, unlike the others.
    EXPECT_FALSE(call(kEcho, deadline_after(5 * kMillisecond), IoctlLine::Left::served));
    fake_.gate.set();
    FakeDevice::until([this] { return fake_.served == int(IoctlLine::kMaxWorkers) + 1; });
    EXPECT_TRUE(call(kEcho));
}

TEST_F(IoctlLineTest, TheHandleClosesWithItsLastUser) {
    EXPECT_FALSE(call(kHang, deadline_after(5 * kMillisecond)));
    line_.reset();
    EXPECT_TRUE(is_open(native_)) << "a thread still uses it";
    fake_.gate.set();
    FakeDevice::until([this] { return !is_open(native_); });
}

TEST_F(IoctlLineTest, AHungUpLineGivesTheDeviceAway) {
    EXPECT_TRUE(call(kEcho));
    line_->hang_up();
    FakeDevice::until([this] { return !is_open(native_); });
    const auto after = call(kEcho);
    ASSERT_FALSE(after);
    EXPECT_EQ(after.error().reaction, Reaction::reopen);
    line_->hang_up();
}

TEST_F(IoctlLineTest, TheEndOfTheDriversProcessEndsTheWait) {
    const Process ended = Process::behind(
        adopt_handle(::CreateEventW(nullptr, TRUE, TRUE, nullptr)), 1);  // signalled: has ended
    const auto answer = line_->call(kHang, {}, 0, IoctlLine::Left::cancelled, {}, ended);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reaction, Reaction::reopen);
}

TEST_F(IoctlLineTest, WithoutAnEventThereIsNoCall) {
    fake_.fails_event = true;
    const auto answer = call(kEcho);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reaction, Reaction::retry);
    EXPECT_EQ(fake_.served, 0);
    fake_.fails_event = false;
    EXPECT_TRUE(call(kEcho));
}

}  // namespace
}  // namespace pf::os
