#include "native_codes.hpp"

#include <gtest/gtest.h>
#include <windows.h>

#include <pf/proto/control.hpp>

#include "device_codes.hpp"

namespace pf::os {
namespace {

// contract.md, section 10, and what Wine answers for a driver that has died.
TEST(NativeCodes, WhatIsGoneOnADevice) {
    for (const DWORD code : {2, 6, 22, 31, 55, 995, 1167, 1617}) {
        EXPECT_TRUE(gone_on_device(code)) << code;
        EXPECT_EQ(status_of_native(code), 0u) << code;
    }
    EXPECT_TRUE(gone_on_device(ERROR_ACCESS_DENIED));
    EXPECT_TRUE(gone_on_device(ERROR_PATH_NOT_FOUND));
    for (const DWORD code : {0, 1, 50, 87, 122, 1168, 1450, 12345}) {
        EXPECT_FALSE(gone_on_device(code)) << code;
    }
}

TEST(NativeCodes, AccessDeniedIsNoDeathWhereAHandleIsAskedFor) {
    EXPECT_EQ(reaction_of_native(ERROR_ACCESS_DENIED), Reaction::reject);
    EXPECT_EQ(reaction_of_native(ERROR_INVALID_HANDLE), Reaction::bug);
    EXPECT_EQ(reaction_of_native(ERROR_FILE_NOT_FOUND), Reaction::reopen);
    EXPECT_EQ(reaction_of_native(ERROR_NOT_FOUND), Reaction::retry);
    EXPECT_EQ(reaction_of_native(987654), Reaction::reject);
}

TEST(NativeCodes, ADriversStatusIsTheSameOnEverySystem) {
    EXPECT_EQ(status_of_native(ERROR_INVALID_PARAMETER), proto::kStatusInvalidParameter);
    EXPECT_EQ(status_of_native(ERROR_INSUFFICIENT_BUFFER), proto::kStatusBufferTooSmall);
    EXPECT_EQ(status_of_native(ERROR_NOT_SUPPORTED), proto::kStatusNotSupported);
    EXPECT_EQ(status_of_native(ERROR_NOT_FOUND), proto::kStatusNotFound);
}

TEST(NativeCodes, AreNamed) {
    EXPECT_STREQ(native_code_name(5), "ERROR_ACCESS_DENIED");
    EXPECT_EQ(native_code_name(987654), nullptr);
    ::SetLastError(ERROR_DEVICE_REMOVED);
    const Error error = fail_last("call", "it went").value();
    EXPECT_EQ(error.reaction, Reaction::reopen);
    EXPECT_EQ(error.message(), "call: it went (ERROR_DEVICE_REMOVED, 1617)");
}

}  // namespace
}  // namespace pf::os
