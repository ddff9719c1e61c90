#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "xorg_authority.hpp"
#include "xorg_private_file.hpp"
#include "xorg_record.hpp"

namespace pf::driver {
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

TEST(XorgUsersFile, IsReadThroughLinksAndFromAnybodyAndFromAPipe) {
    const TemporaryDirectory directory;
    ASSERT_TRUE(write_private_file(directory / "f", "0123456789"));
    std::filesystem::create_symlink(directory / "f", directory / "link");
    EXPECT_EQ(read_users_file(directory / "link", 100), "0123456789");
    EXPECT_FALSE(read_users_file(directory / "link", 9));
    EXPECT_EQ(read_users_file(directory / "none", 9).error().reaction, os::Reaction::reopen);
    if (::chown((directory / "f").c_str(), 12345, 12345) == 0) {  // by root only
        EXPECT_FALSE(read_private_file(directory / "f", 100));
        EXPECT_EQ(read_users_file(directory / "f", 100), "0123456789");
    }
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ASSERT_EQ(::write(ends[1], "piped", 5), 5);
    const std::string pipe = "/proc/self/fd/" + std::to_string(ends[0]);
    std::thread writer([&] {
        (void)!::write(ends[1], " late", 5);
        ::close(ends[1]);
    });
    const auto piped = read_users_file(pipe, 100);
    writer.join();
    ::close(ends[0]);
    EXPECT_EQ(piped, "piped late");
}

std::string authority_entry(std::uint16_t family, const std::string& address,
                            const std::string& number, const std::string& name,
                            const std::string& data) {
    std::string out{static_cast<char>(family >> 8), static_cast<char>(family & 0xFF)};
    for (const std::string& part : {address, number, name, data}) {
        out += static_cast<char>(part.size() >> 8);
        out += static_cast<char>(part.size() & 0xFF);
        out += part;
    }
    return out;
}

// As libXau's XauGetBestAuthByAddr chooses for a local connection.
TEST(XorgAuthority, ChoosesAmongSeveralAsLibxcbDoes) {
    constexpr std::uint16_t kInternet = 0, kLocal = 256, kWild = 65535;
    const std::string name(kXorgCookieName);
    const std::string file = authority_entry(kInternet, "host", "7", name, "internet") +
                             authority_entry(kLocal, "elsewhere", "7", name, "another host") +
                             authority_entry(kLocal, "host", "7", "XDM-AUTHORIZATION-1", "other") +
                             authority_entry(kLocal, "host", "8", name, "eight") +
                             authority_entry(kLocal, "host", "7", name, "seven") +
                             authority_entry(kWild, "", "7", name, "later");
    EXPECT_EQ(find_cookie(file, "7", "host")->bytes, "seven");
    EXPECT_EQ(find_cookie(file, "8", "host")->bytes, "eight");
    EXPECT_EQ(find_cookie(file, "7", "third")->bytes, "later");
    EXPECT_FALSE(find_cookie(file, "9", "host"));
    const std::string wild = authority_entry(kWild, "whatever", "", name, "any");
    EXPECT_EQ(find_cookie(wild, "9", "host")->bytes, "any");
}

TEST(XorgAuthority, IsWhereTheUsersProgramsLook) {
    ::setenv("HOME", "/somebody", 1);
    ::unsetenv("XAUTHORITY");
    EXPECT_EQ(users_authority_path(), "/somebody/.Xauthority");
    ::setenv("XAUTHORITY", "/named", 1);
    EXPECT_EQ(users_authority_path(), "/named");
    ::unsetenv("XAUTHORITY");
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
    const XorgRecord record{{12, 345}, ":7", "/a/b", "/c=d", {6, 7}, {8, 9}};
    const auto back = XorgRecord::decode(record.encode());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->process, record.process);
    EXPECT_EQ(back->display, ":7");
    EXPECT_EQ(back->xauthority, "/a/b");
    EXPECT_EQ(back->log, "/c=d");
    EXPECT_EQ(back->driver, record.driver);
    EXPECT_EQ(back->keeper, record.keeper);
    EXPECT_FALSE(XorgRecord::decode(""));
    EXPECT_FALSE(XorgRecord::decode("pid=12x\nstart=3\n"));
    EXPECT_FALSE(XorgRecord::decode("pid=12\n"));
    EXPECT_TRUE(XorgRecord::decode("pid=12\nstart=3\nnew=thing"));
}

}  // namespace
}  // namespace pf::driver
