#include <pf/os/result.hpp>

#include <cerrno>

#include <gtest/gtest.h>
#include <pf/proto/control.hpp>

#include "native_codes.hpp"
#include "status.hpp"

namespace pf::os {
namespace {

TEST(Error, MessageNamesOperationDetailAndCode) {
    EXPECT_EQ((Error{"open socket", ENOENT, Reaction::reopen, "'main' is gone"}.message()),
              "open socket: 'main' is gone (ENOENT, 2)");
    EXPECT_EQ((Error{"Add", 0xC0000225, Reaction::retry, "none free"}.message()),
              "Add: none free (STATUS_NOT_FOUND, 0xC0000225)");
    EXPECT_EQ((Error{"Add", 0xC0001234, Reaction::reject, "odd"}.message()),
              "Add: odd (0xC0001234)");
    EXPECT_EQ((Error{"Add", 99999, Reaction::reject, "odd"}.message()), "Add: odd (code 99999)");
    EXPECT_EQ((Error{"Ping", -1, Reaction::retry, "late"}.message()), "Ping: late");
    EXPECT_EQ((Error{"adopt event", 0, Reaction::reject, ""}.message()), "adopt event");
}

TEST(Error, ErrnoDecidesTheReaction) {
    for (const int code : {EAGAIN, EMFILE, ENFILE, ENOMEM, EINTR, ENOBUFS}) {
        EXPECT_EQ(reaction_of_native(code), Reaction::retry) << code;
    }
    for (const int code : {ECONNRESET, EPIPE, ENOENT, ECONNREFUSED, ESRCH, ENOTCONN}) {
        EXPECT_EQ(reaction_of_native(code), Reaction::reopen) << code;
    }
    for (const int code : {EACCES, EPERM, EINVAL, EEXIST, ENOSPC, 123456}) {
        EXPECT_EQ(reaction_of_native(code), Reaction::reject) << code;
    }
    EXPECT_EQ(reaction_of_native(ENOSYS), Reaction::fallback);
    EXPECT_EQ(reaction_of_native(EBADF), Reaction::bug);
}

TEST(Error, StatusDecidesTheReaction) {
    EXPECT_EQ(reaction_of_status(proto::kStatusNotFound), Reaction::retry);
    EXPECT_EQ(reaction_of_status(proto::kStatusInvalidParameter), Reaction::reject);
    EXPECT_EQ(reaction_of_status(proto::kStatusNotSupported), Reaction::fallback);
    EXPECT_EQ(reaction_of_status(proto::kStatusBufferTooSmall), Reaction::bug);
    EXPECT_EQ(reaction_of_status(0xC00000FF), Reaction::reject);
    const Error error = fail_status(proto::kIoctlAdd, proto::kStatusNotFound, {}).value();
    EXPECT_STREQ(error.operation, "Add");
    EXPECT_EQ(error.code, 0xC0000225);
    EXPECT_EQ(error.reaction, Reaction::retry);
    EXPECT_NE(error.detail.find("15 at most"), std::string::npos) << "a guess";
    EXPECT_STREQ(operation_name(1), "control operation");
}

TEST(Error, WhatTheDriverSaysGoesBeforeAGuess) {
    const auto said = [](bool final) {
        return fail_status(proto::kIoctlAdd, proto::kStatusNotFound, {"no free output", final})
            .value();
    };
    EXPECT_EQ(said(false).detail, "no free output");
    EXPECT_EQ(said(false).reaction, Reaction::retry);
    EXPECT_EQ(said(true).reaction, Reaction::reject) << "no use in asking again";
    EXPECT_EQ(said(true).code, proto::kStatusNotFound);
}

TEST(Error, LastFailureKeepsErrno) {
    errno = EMFILE;
    const Error error = fail_last("open", std::string(200, 'x')).value();
    EXPECT_EQ(error.code, EMFILE);
    EXPECT_EQ(error.reaction, Reaction::retry);
}

TEST(Error, ReactionsHaveNames) {
    EXPECT_EQ(to_string(Reaction::retry), "retry");
    EXPECT_EQ(to_string(Reaction::reopen), "reopen");
    EXPECT_EQ(to_string(Reaction::fallback), "fallback");
    EXPECT_EQ(to_string(Reaction::reject), "reject");
    EXPECT_EQ(to_string(Reaction::bug), "bug");
}

}  // namespace
}  // namespace pf::os
