#include "image_path_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pf/os/program.hpp>

namespace pf::os {
namespace {

TEST(ImagePathPolicy, TheUsualOneIsTheSystemsHostOfDrivers) {
    const std::string usual = usual_driver_image();
    EXPECT_THAT(usual, testing::EndsWith("\\WUDFHost.exe"));
    std::string other_case = usual;
    for (char& c : other_case) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    EXPECT_TRUE(is_driver_image(usual, ""));
    EXPECT_TRUE(is_driver_image(other_case, ""));
    EXPECT_FALSE(is_driver_image("C:\\elsewhere\\WUDFHost.exe", ""));
    EXPECT_FALSE(is_driver_image(usual + "x", ""));
    EXPECT_FALSE(is_driver_image("", ""));
}

TEST(ImagePathPolicy, AnotherOneCanBeNamed) {
    EXPECT_TRUE(is_driver_image("c:\\w\\WineDevice.exe", "C:\\W\\winedevice.exe"));
    EXPECT_FALSE(is_driver_image(usual_driver_image(), "C:\\W\\winedevice.exe"));
    EXPECT_TRUE(is_driver_image("whatever", kAnyDriverImage));
}

TEST(ImagePathPolicy, AStrangerIsRefusedByName) {
    const auto strict = open_driver_process(DeviceCalls{}, current_pid(), "");
    ASSERT_FALSE(strict);
    EXPECT_EQ(strict.error().reaction, Reaction::reject);
    EXPECT_THAT(strict.error().detail, testing::HasSubstr("os_test.exe"));
    EXPECT_TRUE(open_driver_process(DeviceCalls{}, current_pid(), kAnyDriverImage));
    EXPECT_TRUE(open_driver_process(DeviceCalls{}, current_pid(), executable_path().value()));
}

TEST(ImagePathPolicy, WhatItRunsMayNotBeTold) {
    DeviceCalls calls;
    calls.query_image = [](HANDLE, DWORD, LPWSTR, PDWORD) -> BOOL {
        ::SetLastError(ERROR_ACCESS_DENIED);
        return FALSE;
    };
    EXPECT_EQ(open_driver_process(calls, current_pid(), kAnyDriverImage).error().reaction,
              Reaction::reject);
}

TEST(ImagePathPolicy, AProcessThatIsGoneIsNoStranger) {
    EXPECT_EQ(open_driver_process(DeviceCalls{}, 0x7FFF'FFF0, "").error().reaction,
              Reaction::reopen);
}

}  // namespace
}  // namespace pf::os
