#include "bounded_call.hpp"

#include <gtest/gtest.h>

#include <memory>

#include <pf/os/device_channel.hpp>
#include <pf/os/wait.hpp>

namespace pf::os {
namespace {

TEST(BoundedCall, BringsTheResult) {
    EXPECT_TRUE(call_within("x", [] { return Result<void>(); }, {}));
    const auto failed =
        call_within("x", [] { return Result<void>(fail("y", 6, Reaction::reject, "no")); }, {});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, 6);
}

TEST(BoundedCall, OneThatDoesNotReturnGoesOnAlone) {
    const auto gate = std::make_shared<Flag>(Flag::create().value());
    const auto gone_on = std::make_shared<Flag>(Flag::create().value());
    const auto hang = [gate, gone_on] {
        (void)wait({*gate}, kNever);
        gone_on->set();
        return Result<void>();
    };
    EXPECT_EQ(call_within("x", hang, deadline_after(10 * kMillisecond)).error().code,
              DeviceChannel::kTimeout);
    gate->set();
    EXPECT_TRUE(wait({*gone_on}, deadline_after(20 * kSecond)));
}

TEST(BoundedCall, AFlagEndsTheWait) {
    const auto gate = std::make_shared<Flag>(Flag::create().value());
    const Flag cancel = Flag::create().value();
    cancel.set();
    const auto hang = [gate] {
        (void)wait({*gate}, kNever);
        return Result<void>();
    };
    EXPECT_EQ(call_within("x", hang, Patience(kNever, &cancel)).error().code,
              DeviceChannel::kCancelled);
    gate->set();
}

}  // namespace
}  // namespace pf::os
