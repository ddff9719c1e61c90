#include "device_probe.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include <pf/os/device_channel.hpp>
#include <pf/os/wait.hpp>

#include "native_handle.hpp"

namespace pf::os {
namespace {

// Devices are events, since those need no driver; one of the name "wedged" opens when `gate` is
// set. The calls are plain functions, so there is one at a time.
struct FakeDevices {
    FakeDevices() { current = this; }
    ~FakeDevices() { current = nullptr; }
    static FakeDevices* current;

    Flag gate = Flag::create().value();
    std::atomic<int> opens{0};
    std::atomic<HANDLE> last{nullptr};
    DWORD fails_with = 0;

    static HANDLE WINAPI create_file(LPCWSTR name, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES,
                                     DWORD how, DWORD flags, HANDLE) {
        EXPECT_EQ(access, GENERIC_READ | GENERIC_WRITE);
        EXPECT_EQ(share, DWORD(FILE_SHARE_READ | FILE_SHARE_WRITE));
        EXPECT_EQ(how, DWORD(OPEN_EXISTING));
        EXPECT_EQ(flags, DWORD(FILE_FLAG_OVERLAPPED));
        FakeDevices& self = *current;
        ++self.opens;
        if (std::wstring_view(name) == L"wedged") {
            (void)wait({self.gate}, kNever);
        }
        if (self.fails_with != 0) {
            ::SetLastError(self.fails_with);
            return INVALID_HANDLE_VALUE;
        }
        self.last = ::CreateEventW(nullptr, FALSE, FALSE, nullptr);
        return self.last;
    }
    static DeviceCalls calls() {
        DeviceCalls calls;
        calls.create_file = create_file;
        return calls;
    }
};
FakeDevices* FakeDevices::current = nullptr;

bool is_open(HANDLE handle) {
    DWORD flags = 0;
    return ::GetHandleInformation(handle, &flags) != 0;
}

TEST(DeviceProbe, GivesTheHandle) {
    FakeDevices fake;
    DeviceProbes probes(FakeDevices::calls());
    const auto device = probes.open("healthy", {});
    ASSERT_TRUE(device);
    EXPECT_TRUE(is_open(handle_of(*device)));
}

TEST(DeviceProbe, TellsWhyThereIsNone) {
    FakeDevices fake;
    DeviceProbes probes(FakeDevices::calls());
    fake.fails_with = ERROR_ACCESS_DENIED;
    EXPECT_EQ(probes.open("x", {}).error().reaction, Reaction::reject);
    fake.fails_with = ERROR_FILE_NOT_FOUND;
    EXPECT_EQ(probes.open("x", {}).error().reaction, Reaction::reopen);
    EXPECT_EQ(fake.opens, 2);
}

TEST(DeviceProbe, AWedgedOneCostsItsBudgetOnceAndNobodyElse) {
    FakeDevices fake;
    DeviceProbes probes(FakeDevices::calls(), 50 * kMillisecond);
    const auto wedged = probes.open("wedged", {});
    ASSERT_FALSE(wedged);
    EXPECT_EQ(wedged.error().code, DeviceChannel::kWedged);
    EXPECT_NE(wedged.error().detail.find("wedged"), std::string::npos);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(probes.open("wedged", {}).error().code, DeviceChannel::kWedged);
        EXPECT_TRUE(probes.open("healthy", {}));
    }
    EXPECT_EQ(fake.opens, 11) << "one open of the wedged one";
    // It comes back: what the thread still got is closed, and the next open is a fresh one.
    fake.gate.set();
    const std::int64_t deadline_ns = deadline_after(10 * kSecond);
    auto again = probes.open("wedged", {});
    while (!again && now_ns() < deadline_ns) {
        sleep_until(deadline_after(kMillisecond));
        again = probes.open("wedged", {});
    }
    ASSERT_TRUE(again);
    EXPECT_EQ(fake.opens, 12);
}

TEST(DeviceProbe, WhatAThreadStillGetsIsClosed) {
    FakeDevices fake;
    DeviceProbes probes(FakeDevices::calls(), 20 * kMillisecond);
    ASSERT_FALSE(probes.open("wedged", {}));
    fake.gate.set();
    const std::int64_t deadline_ns = deadline_after(10 * kSecond);
    while ((fake.last == nullptr || is_open(fake.last)) && now_ns() < deadline_ns) {
        sleep_until(deadline_after(kMillisecond));
    }
    ASSERT_NE(fake.last, nullptr);
    EXPECT_FALSE(is_open(fake.last));
}

TEST(DeviceProbe, ACancelEndsItAtOnceAndTheNextOneWaitsOn) {
    FakeDevices fake;
    DeviceProbes probes(FakeDevices::calls(), 60 * kSecond);
    const Flag cancel = Flag::create().value();
    cancel.set();
    EXPECT_EQ(probes.open("wedged", Patience(kNever, &cancel)).error().code,
              DeviceChannel::kCancelled);
    EXPECT_EQ(probes.open("wedged", deadline_after(20 * kMillisecond)).error().code,
              DeviceChannel::kWedged);
    EXPECT_EQ(fake.opens, 1) << "still the same open";
    fake.gate.set();
    EXPECT_TRUE(probes.open("wedged", {}));
    EXPECT_EQ(fake.opens, 2);
}

}  // namespace
}  // namespace pf::os
