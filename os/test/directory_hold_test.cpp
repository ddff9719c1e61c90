#include <pf/os/directory_hold.hpp>

#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "test_support.hpp"

namespace pf::os {
namespace {

TEST(DirectoryHold, HasOneHolderUntilThatOneEnds) {
    const test::ScopedRuntimeDirectory directory;
    auto first = hold_directory(directory.path());
    ASSERT_TRUE(first);
    const auto second = hold_directory(directory.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().reaction, Reaction::reject);
    first->reset();
    EXPECT_TRUE(hold_directory(directory.path()));
}

TEST(DirectoryHold, AKilledHolderHoldsNothing) {
    const test::ScopedRuntimeDirectory directory;
    test::ForkedChild child([&] {
        const auto hold = hold_directory(directory.path());
        test::sleep_forever();
    });
    EXPECT_TRUE(test::eventually([&] { return !hold_directory(directory.path()); }));
    child.kill_and_reap();
    EXPECT_TRUE(hold_directory(directory.path()));
}

TEST(DirectoryHold, RefusesLinksFilesAndWhatIsNotThere) {
    const test::ScopedRuntimeDirectory directory;
    const std::string link = directory.path() + "/link";
    std::filesystem::create_directory_symlink(directory.path(), link);
    EXPECT_FALSE(hold_directory(link));
    EXPECT_FALSE(hold_directory("/dev/null"));
    EXPECT_FALSE(hold_directory(directory.path() + "/none"));
}

}  // namespace
}  // namespace pf::os
