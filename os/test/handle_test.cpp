#include <pf/os/handle.hpp>

#include <fcntl.h>

#include <utility>

#include <gtest/gtest.h>

#include "descriptor_poll.hpp"
#include "test_support.hpp"

namespace pf::os {
namespace {

Handle open_null() {
    return Handle::adopt(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

TEST(Handle, OwnsExactlyOnce) {
    const int before = test::open_descriptor_count();
    {
        Handle first = open_null();
        Handle second = std::move(first);
        EXPECT_FALSE(first);
        EXPECT_TRUE(second);
        first = std::move(second);
        first = open_null();  // closes the old one
        Handle& alias = first;
        first = std::move(alias);
        EXPECT_TRUE(first);
        EXPECT_EQ(test::open_descriptor_count(), before + 1);
    }
    EXPECT_EQ(test::open_descriptor_count(), before);
}

TEST(Handle, ReleaseGivesUpOwnership) {
    Handle handle = open_null();
    const Handle::Native native = handle.release();
    EXPECT_FALSE(handle);
    handle.reset();
    EXPECT_GE(::fcntl(static_cast<int>(native), F_GETFD), 0);
    Handle::adopt(native).reset();
    EXPECT_LT(::fcntl(static_cast<int>(native), F_GETFD), 0);
}

TEST(Handle, DuplicateIsCloseOnExec) {
    const auto copy = open_null().duplicate();
    ASSERT_TRUE(copy);
    EXPECT_EQ(::fcntl(descriptor_of(*copy), F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(Handle().duplicate().error().reaction, Reaction::bug);
}

}  // namespace
}  // namespace pf::os
