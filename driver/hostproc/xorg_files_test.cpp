#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "xorg_authority.hpp"
#include "xorg_private_file.hpp"
#include "xorg_record.hpp"

namespace pf::hostproc {
namespace {

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = std::filesystem::temp_directory_path() / "pf-xorg-files-XXXXXX";
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    std::string operator/(const char* name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

TEST(XorgPrivateFile, IsReplacedWholeAndReadableByUsOnly) {
    const TemporaryDirectory directory;
    ASSERT_TRUE(write_private_file(directory / "f", "one"));
    ASSERT_TRUE(write_private_file(directory / "f", std::string_view("t\0o", 3)));
    EXPECT_EQ(*read_private_file(directory / "f", 100), std::string("t\0o", 3));
    struct stat status {};
    ASSERT_EQ(::stat((directory / "f").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST(XorgPrivateFile, RefusesLinksAndLargeFiles) {
    const TemporaryDirectory directory;
    EXPECT_EQ(read_private_file(directory / "none", 9).error().reaction, os::Reaction::reopen);
    ASSERT_TRUE(write_private_file(directory / "f", "0123456789"));
    EXPECT_FALSE(read_private_file(directory / "f", 9));
    std::filesystem::create_symlink(directory / "f", directory / "link");
    EXPECT_FALSE(read_private_file(directory / "link", 100));
}

TEST(XorgAuthority, ACookieSurvivesTheFile) {
    const auto cookie = XorgCookie::generate();
    ASSERT_TRUE(cookie);
    const std::string file = encode_authority("7", *cookie);
    EXPECT_EQ(find_cookie(file, "7", "host"), *cookie);
    EXPECT_FALSE(find_cookie(file, "8", "host"));
    EXPECT_EQ(find_cookie(encode_authority("", *cookie), "8", "host"), *cookie);
    for (std::size_t length = 0; length < file.size(); ++length) {
        EXPECT_FALSE(find_cookie(file.substr(0, length), "7", "host"));
    }
    EXPECT_EQ(find_cookie(encode_authority("6", XorgCookie{}) + file, "7", "host"), *cookie);
}

TEST(XorgRecord, SurvivesTheFileAndRefusesGarbage) {
    const XorgRecord record{{12, 345}, ":7", "/a/b", "/c=d"};
    const auto back = XorgRecord::decode(record.encode());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->process, record.process);
    EXPECT_EQ(back->display, ":7");
    EXPECT_EQ(back->xauthority, "/a/b");
    EXPECT_EQ(back->log, "/c=d");
    EXPECT_FALSE(XorgRecord::decode(""));
    EXPECT_FALSE(XorgRecord::decode("pid=12x\nstart=3\n"));
    EXPECT_FALSE(XorgRecord::decode("pid=12\n"));
    EXPECT_TRUE(XorgRecord::decode("pid=12\nstart=3\nnew=thing"));
}

}  // namespace
}  // namespace pf::hostproc
