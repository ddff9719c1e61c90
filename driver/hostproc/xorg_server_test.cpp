#include "xorg_server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

#include "x11_fixture_test.hpp"
#include "xorg_launch.hpp"

namespace pf::hostproc {
namespace {

std::int64_t soon() {
    return os::deadline_after(20 * os::kSecond);
}

bool is_empty(const std::string& directory) {
    return std::filesystem::directory_iterator(directory) == std::filesystem::directory_iterator();
}

TEST(XorgServer, AnswersOnlyToWhoKnowsTheCookie) {
    const ServerPlace place;
    auto server = XorgServer::adopt_or_start({place.path(), ""});
    ASSERT_TRUE(server) << server.error().message();
    EXPECT_FALSE(server->adopted());
    EXPECT_TRUE(X11Connection::open(server->endpoint(), soon()));
    X11Endpoint stranger = server->endpoint();
    stranger.cookie = XorgCookie{};
    const auto refused = X11Connection::open(stranger, soon());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reaction, os::Reaction::reopen);
    X11Endpoint impostor = server->endpoint();
    impostor.server_pid = os::current_pid();
    EXPECT_FALSE(X11Connection::open(impostor, soon()));
    struct stat status {};
    ASSERT_EQ(::stat(server->xauthority().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST(XorgServer, IsAdoptedUntilSomebodyStopsIt) {
    const ServerPlace place;
    std::uint32_t pid = 0;
    {
        const auto first = XorgServer::adopt_or_start({place.path(), ""});
        ASSERT_TRUE(first) << first.error().message();
        pid = first->process().pid();
    }
    auto second = XorgServer::adopt_or_start({place.path(), ""});
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->adopted());
    EXPECT_EQ(second->process().pid(), pid);
    const std::string display = second->endpoint().display;
    const os::Process process = place.server();
    second->stop();
    EXPECT_FALSE(process.alive());
    EXPECT_TRUE(is_empty(place.path()));
    EXPECT_FALSE(std::filesystem::exists("/tmp/.X" + display.substr(1) + "-lock"));
}

TEST(XorgServer, ADeadOneIsCleanedUpAndReplaced) {
    const ServerPlace place;
    const auto first = XorgServer::adopt_or_start({place.path(), ""});
    ASSERT_TRUE(first) << first.error().message();
    os::stop_process(first->process(), os::StopHow::kill);
    ASSERT_EQ(os::wait({.process = &first->process()}, soon()), os::Woke::process_exited);
    const auto second = XorgServer::adopt_or_start({place.path(), ""});
    ASSERT_TRUE(second) << second.error().message();
    EXPECT_FALSE(second->adopted());
    EXPECT_NE(second->process().identity(), first->process().identity());
    EXPECT_TRUE(X11Connection::open(second->endpoint(), soon()));
}

TEST(XorgServer, SeveralInstancesGetDisplaysOfTheirOwn) {
    const ServerPlace a;
    const ServerPlace b;
    const auto first = XorgServer::adopt_or_start({a.path(), ""});
    const auto second = XorgServer::adopt_or_start({b.path(), ""});
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->endpoint().display, second->endpoint().display);
}

TEST(XorgServer, SaysWhatToInstall) {
    const ServerPlace place;
    const auto none = XorgServer::adopt_or_start({place.path(), "/nowhere/Xorg"});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().reaction, os::Reaction::fallback);
    EXPECT_NE(none.error().message().find("apt-get install"), std::string::npos);
    EXPECT_TRUE(is_empty(place.path()));
}

TEST(XorgServer, SaysWhyItDidNotStart) {
    const ServerPlace place;
    const std::string program = place.path() + "/fake";
    std::ofstream(program) << "#!/bin/sh\necho '(EE) Failed to load module \"dummy\"' > "
                           << XorgFiles(place.path()).log << "\nexit 1\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    const auto none = XorgServer::adopt_or_start({place.path(), program});
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message().find("dummy video driver"), std::string::npos);
}

}  // namespace
}  // namespace pf::hostproc
