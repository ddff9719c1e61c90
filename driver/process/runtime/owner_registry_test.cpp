#include "owner_registry.hpp"

#include <gtest/gtest.h>

namespace pf::driver {
namespace {

TEST(OwnerRegistry, AProcessIsOneOwner) {
    OwnerRegistry owners;
    const auto first = owners.enter(os::current_pid());
    ASSERT_TRUE(first);
    EXPECT_EQ(owners.enter(os::current_pid()).value(), *first);
    EXPECT_TRUE(owners.is_held(*first));
    EXPECT_FALSE(owners.leave(*first));
    EXPECT_TRUE(owners.leave(*first));
    EXPECT_FALSE(owners.is_held(*first));
    EXPECT_TRUE(owners.entries().empty());
    EXPECT_FALSE(owners.leave(*first));
}

// SO_PEERCRED has no number for it: it lives in another pid namespace.
TEST(OwnerRegistry, OneThatCannotBeSeenIsAnOwnerForEachConnection) {
    OwnerRegistry owners;
    const auto first = owners.enter(0);
    const auto second = owners.enter(0);
    ASSERT_TRUE(first);
    ASSERT_TRUE(second);
    EXPECT_NE(*first, *second);
    EXPECT_FALSE(owners.is_held(*first));
    EXPECT_TRUE(owners.leave(*first)) << "it ends with its connection";
    EXPECT_EQ(owners.entries().size(), 1u);
}

TEST(OwnerRegistry, OneThatIsGoneIsNone) {
    OwnerRegistry owners;
    EXPECT_EQ(owners.enter(4'000'000).error().reaction, os::Reaction::reopen);
}

}  // namespace
}  // namespace pf::driver
