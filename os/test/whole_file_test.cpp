#include <pf/os/whole_file.hpp>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <pf/os/program.hpp>
#include <pf/os/state_dir.hpp>

namespace pf::os {
namespace {

class WholeFile : public testing::Test {
protected:
    ~WholeFile() override { std::filesystem::remove_all(directory_); }

    const std::string directory_ = make_temporary_directory("pf-whole-file").value();
    const std::string path_ = directory_ + "/journal";
};

TEST_F(WholeFile, NoneIsAnAnswer) {
    const auto read = read_whole_file(path_, 100);
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_FALSE(*read);
    EXPECT_TRUE(remove_whole_file(path_));
}

TEST_F(WholeFile, HoldsWhatWasWrittenLastAndNothingElseLies) {
    ASSERT_TRUE(write_whole_file(path_, "a longer first one"));
    ASSERT_TRUE(write_whole_file(path_, "second\n"));
    EXPECT_EQ(read_whole_file(path_, 100).value(), "second\n");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
    ASSERT_TRUE(remove_whole_file(path_));
    EXPECT_FALSE(read_whole_file(path_, 100).value());
}

TEST_F(WholeFile, OneThatIsTooLargeIsRefused) {
    ASSERT_TRUE(write_whole_file(path_, std::string(100, 'x')));
    EXPECT_TRUE(read_whole_file(path_, 100));
    const auto read = read_whole_file(path_, 99);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().reaction, Reaction::reject);
}

TEST_F(WholeFile, OneAtATimeHoldsIt) {
    auto held = hold_file(path_ + ".lock");
    ASSERT_TRUE(held) << held.error().message();
    const auto second = hold_file(path_ + ".lock");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().reaction, Reaction::retry);
    held->reset();
    EXPECT_TRUE(hold_file(path_ + ".lock"));
    const auto nowhere = hold_file(directory_ + "/nowhere/lock");
    ASSERT_FALSE(nowhere);
    EXPECT_NE(nowhere.error().reaction, Reaction::retry);
}

TEST_F(WholeFile, TheStateDirectoryIsMade) {
    ASSERT_TRUE(set_environment("XDG_STATE_HOME", directory_ + "/state"));
    ASSERT_TRUE(set_environment("LOCALAPPDATA", directory_));
    const auto made = make_state_directory();
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_EQ(*made, state_directory().value());
    EXPECT_TRUE(std::filesystem::is_directory(*made));
    EXPECT_TRUE(make_state_directory());
}

// A write that did not come to its end has left a piece of the new one beside the old one.
TEST_F(WholeFile, APieceOfANewOneIsNoHindrance) {
    ASSERT_TRUE(write_whole_file(path_, "old"));
    std::ofstream(path_ + ".new") << "a pie";
    EXPECT_EQ(read_whole_file(path_, 100).value(), "old");
    ASSERT_TRUE(write_whole_file(path_, "new"));
    EXPECT_EQ(read_whole_file(path_, 100).value(), "new");
}

TEST_F(WholeFile, AnErrorNamesThePathAndLeavesTheOldOne) {
    ASSERT_TRUE(write_whole_file(path_, "old"));
    std::filesystem::create_directory(path_ + ".new");
    const auto written = write_whole_file(path_, "new");
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message().find(path_), std::string::npos);
    EXPECT_EQ(read_whole_file(path_, 100).value(), "old");
    EXPECT_FALSE(write_whole_file(directory_ + "/nowhere/journal", "new"));
}

}  // namespace
}  // namespace pf::os
