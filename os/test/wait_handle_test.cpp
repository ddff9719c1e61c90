#include <pf/os/wait_handle.hpp>

#include <gtest/gtest.h>
#include <poll.h>

namespace pf::os {
namespace {

bool readable(const WaitHandle& handle) {
    pollfd entry{static_cast<int>(handle.handle().native()), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
}

TEST(WaitHandleTest, IsReadableAsLongAsOneIsSignalled) {
    const auto handle = WaitHandle::create().value();
    const auto event = Event::create().value();
    const auto flag = Flag::create().value();
    ASSERT_TRUE(handle.watch(event));
    ASSERT_TRUE(handle.watch(flag));
    ASSERT_TRUE(handle.watch(flag)) << "again";
    EXPECT_FALSE(readable(handle));
    event.signal();
    EXPECT_TRUE(readable(handle));
    EXPECT_TRUE(readable(handle)) << "nothing was taken";
    event.clear();
    EXPECT_FALSE(readable(handle));
    flag.set();
    EXPECT_TRUE(readable(handle));
    flag.reset();
    event.signal();
    handle.forget(event);
    EXPECT_FALSE(readable(handle));
    handle.forget(event);
}

}  // namespace
}  // namespace pf::os
