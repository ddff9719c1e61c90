#include <pf/os/runtime_dir.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <pf/os/device_channel.hpp>

#include "test_support.hpp"

namespace pf::os {
namespace {

namespace fs = std::filesystem;

class RuntimeDirectory : public testing::Test {
protected:
    test::ScopedRuntimeDirectory base_;
    const std::string path_ = runtime_directory() + "/x";
};

TEST_F(RuntimeDirectory, FollowsTheEnvironment) {
    EXPECT_EQ(runtime_directory(), base_.path() + "/pf-vdisplay");
    ::setenv("XDG_RUNTIME_DIR", "relative", 1);
    EXPECT_EQ(runtime_directory()[0], '/');
    ::unsetenv("XDG_RUNTIME_DIR");
    const std::string user = std::to_string(::geteuid());
    EXPECT_TRUE(runtime_directory() == "/run/user/" + user + "/pf-vdisplay" ||
                runtime_directory() == "/tmp/pf-vdisplay-" + user);
}

TEST_F(RuntimeDirectory, FollowsWhatTheProgramSaysForItAndWhatItStarts) {
    const test::ScopedRuntimeDirectory restores;
    ASSERT_TRUE(set_runtime_base(base_.path()));
    EXPECT_EQ(runtime_directory(), base_.path() + "/pf-vdisplay");
    EXPECT_STREQ(std::getenv("XDG_RUNTIME_DIR"), base_.path().c_str());
}

TEST_F(RuntimeDirectory, MadePrivateWhateverTheUmask) {
    const mode_t before = ::umask(0);
    EXPECT_TRUE(make_private_directory(path_));
    ::umask(before);
    for (const std::string& made : {runtime_directory(), path_}) {
        struct stat status {};
        ASSERT_EQ(::stat(made.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0700u);
    }
    EXPECT_TRUE(make_private_directory(path_)) << "again";
}

TEST_F(RuntimeDirectory, OthersMayNotWrite) {
    ASSERT_TRUE(make_private_directory(path_));
    for (const mode_t mode : {0770u, 0707u, 0750u, 01777u}) {
        ::chmod(path_.c_str(), mode);
        EXPECT_EQ(make_private_directory(path_).error().reaction, Reaction::reject) << mode;
    }
    ::chmod(path_.c_str(), 0700);
    ::chmod(runtime_directory().c_str(), 0777);
    EXPECT_FALSE(make_private_directory(path_)) << "the parent counts as well";
}

TEST_F(RuntimeDirectory, LinksAndFilesAreRefused) {
    ASSERT_TRUE(make_private_directory(path_));
    const std::string link = runtime_directory() + "/link";
    fs::create_directory_symlink(path_, link);
    EXPECT_EQ(make_private_directory(link).error().reaction, Reaction::reject);
    const std::string file = runtime_directory() + "/file";
    ASSERT_EQ(::mknod(file.c_str(), S_IFREG | 0600, 0), 0);
    EXPECT_EQ(make_private_directory(file).error().reaction, Reaction::reject);
    fs::create_symlink("/nonexistent", runtime_directory() + "/dangling");
    EXPECT_FALSE(make_private_directory(runtime_directory() + "/dangling"));
}

TEST_F(RuntimeDirectory, AnotherOwnerIsRefused) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can give a directory away";
    }
    ASSERT_TRUE(make_private_directory(path_));
    ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
    EXPECT_EQ(make_private_directory(path_).error().reaction, Reaction::reject);
}

TEST_F(RuntimeDirectory, MissingBaseIsOneClearError) {
    ::setenv("XDG_RUNTIME_DIR", "/nonexistent/run", 1);
    const auto made = make_private_directory(runtime_directory() + "/x");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().reaction, Reaction::reject);
    EXPECT_NE(made.error().message().find("/nonexistent/run, which does not exist"),
              std::string::npos);
    EXPECT_TRUE(list_instances()) << "a driver may make it yet";
}

void expect_refused_everywhere(const std::string& why) {
    const auto made = make_private_directory(runtime_directory() + "/x");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().reaction, Reaction::reject);
    EXPECT_NE(made.error().message().find(why), std::string::npos) << made.error().message();
    const auto listed = list_instances();
    ASSERT_FALSE(listed);
    EXPECT_NE(listed.error().message().find(why), std::string::npos) << listed.error().message();
    EXPECT_FALSE(DeviceChannel::open("x"));
}

TEST_F(RuntimeDirectory, ABaseOfAnotherUserIsLeftAlone) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can give a directory away";
    }
    ASSERT_EQ(::chown(base_.path().c_str(), 12345, 12345), 0);
    expect_refused_everywhere("the directory of user 12345, and this runs as user 0");
    EXPECT_TRUE(fs::is_empty(base_.path())) << "nothing that locks its owner out";
    ASSERT_EQ(::chown(base_.path().c_str(), 0, 0), 0);
}

TEST_F(RuntimeDirectory, ABaseForEveryoneIsRefused) {
    ::chmod(base_.path().c_str(), 0777);
    expect_refused_everywhere("chmod 700");
    ::chmod(base_.path().c_str(), 0755);
    EXPECT_TRUE(make_private_directory(path_)) << "others may look";
}

TEST_F(RuntimeDirectory, ARelativeBaseIsSaid) {
    ::setenv("XDG_RUNTIME_DIR", "relative", 1);
    expect_refused_everywhere("XDG_RUNTIME_DIR names relative, which is no absolute path");
}

TEST_F(RuntimeDirectory, ABaseThatIsAFileIsSaid) {
    const std::string file = base_.path() + "/file";
    ASSERT_EQ(::mknod(file.c_str(), S_IFREG | 0600, 0), 0);
    ::setenv("XDG_RUNTIME_DIR", file.c_str(), 1);
    expect_refused_everywhere("which is no directory");
}

}  // namespace
}  // namespace pf::os
