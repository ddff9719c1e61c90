#include "handle_table.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

namespace pf::driver {
namespace {

bool is_open(std::intptr_t native) {
    return fcntl(static_cast<int>(native), F_GETFD) != -1;
}

os::Handle a_handle() {
    return os::Handle::adopt(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

TEST(HandleTable, AValueIsTakenOnce) {
    HandleTable table(100, 8);
    os::Handle handle = a_handle();
    const auto native = handle.native();
    const auto value = table.give(1, std::move(handle));
    ASSERT_TRUE(value);
    EXPECT_TRUE(table.knows(1, *value));
    EXPECT_EQ(table.take(1, *value).native(), native);
    EXPECT_FALSE(is_open(native));
    EXPECT_FALSE(table.knows(1, *value));
    EXPECT_FALSE(table.take(1, *value));
    EXPECT_FALSE(table.close(1, *value));
    EXPECT_EQ(table.size(), 0u);
}

TEST(HandleTable, NobodyReachesAnothersHandle) {
    HandleTable table(100, 8);
    os::Handle handle = a_handle();
    const auto native = handle.native();
    const auto value = table.give(1, std::move(handle));
    EXPECT_FALSE(table.knows(2, *value));
    EXPECT_FALSE(table.take(2, *value));
    EXPECT_FALSE(table.close(2, *value));
    table.drop_owner(2);
    EXPECT_TRUE(is_open(native));
    EXPECT_TRUE(table.close(1, *value));
    EXPECT_FALSE(is_open(native));
}

TEST(HandleTable, ValuesAreNeverUsedAgain) {
    HandleTable table(HandleTable::random_base(), 8);
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto value = table.give(1, a_handle());
        ASSERT_TRUE(value);
        EXPECT_NE(*value, 0u);
        EXPECT_TRUE(seen.insert(*value).second);
        EXPECT_TRUE(table.close(1, *value));
    }
}

TEST(HandleTable, AnOwnerHasItsShareOnly) {
    HandleTable table(100, 3);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(table.give(1, a_handle()));
    }
    os::Handle surplus = a_handle();
    const auto native = surplus.native();
    EXPECT_FALSE(table.give(1, std::move(surplus)));
    EXPECT_FALSE(is_open(native));
    EXPECT_TRUE(table.give(2, a_handle()));
    EXPECT_EQ(table.size(), 4u);
}

TEST(HandleTable, AGoneOwnersHandlesAreClosed) {
    HandleTable table(100, 8);
    os::Handle first = a_handle();
    os::Handle second = a_handle();
    const auto natives = {first.native(), second.native()};
    table.give(1, std::move(first));
    table.give(1, std::move(second));
    const auto others = table.give(2, a_handle());
    table.drop_owner(1);
    for (const auto native : natives) {
        EXPECT_FALSE(is_open(native));
    }
    EXPECT_TRUE(table.knows(2, *others));
}

}  // namespace
}  // namespace pf::driver
