#include "xorg_server.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

#include "x11/test/x11_fixture.hpp"
#include "x11/x11_source.hpp"
#include "x11_socket.hpp"
#include "xorg_launch.hpp"

namespace pf::driver {
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
    EXPECT_NE(refused.error().message().find("refuses us"), std::string::npos);
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
    ASSERT_TRUE(os::wait({first->process()}, soon()));
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

// What a source that starts tells of its X server.
struct Told {
    std::mutex mutex;
    std::string waiting, display, xauthority;

    X11News news() {
        return {[this](const std::string& its_display, const std::string& its_xauthority) {
                    const std::lock_guard locked(mutex);
                    display = its_display;
                    xauthority = its_xauthority;
                },
                [this](const std::string& why) {
                    const std::lock_guard locked(mutex);
                    waiting = why;
                },
                {}};
    }
    bool waits() {
        const std::lock_guard locked(mutex);
        return !waiting.empty();
    }
};

// A server with a program on it that does not answer just now.
class SilentServerTest : public testing::Test {
protected:
    void SetUp() override {
        const auto first = XorgServer::adopt_or_start({place_.path(), ""});
        ASSERT_TRUE(first) << first.error().message();
        server_ = place_.server();
        program_ = std::make_unique<Painter>(place_.endpoint());
        window_ = program_->open_window({10, 10, 50, 50}, 0xFF0000);
        signal(SIGSTOP);
    }
    void signal(int number) { ASSERT_EQ(::kill(static_cast<pid_t>(server_.pid()), number), 0); }
    X11Options options() {
        X11Options options{"", place_.path(), "test", ""};
        options.news = told_.news();
        return options;
    }

    const ServerPlace place_;
    os::Process server_;
    std::unique_ptr<Painter> program_;
    xcb_window_t window_ = 0;
    Told told_;
};

TEST_F(SilentServerTest, IsWaitedForAndAdopted) {
    os::Result<std::unique_ptr<FrameSource>> source;
    std::thread driver([&] { source = make_x11_source(options()); });
    EXPECT_TRUE(eventually([&] { return told_.waits(); }));
    EXPECT_NE(told_.waiting.find("is silent since"), std::string::npos) << told_.waiting;
    signal(SIGCONT);
    driver.join();
    ASSERT_TRUE(source) << source.error().message();
    EXPECT_EQ(place_.record()->process, server_.identity());
    EXPECT_TRUE(program_->window_lives(window_));
    EXPECT_EQ(told_.display, place_.record()->display);
    EXPECT_EQ(told_.xauthority, place_.record()->xauthority);
}

TEST_F(SilentServerTest, IsLeftAloneWhenThePatienceEnds) {
    X11Options impatient = options();
    impatient.patience_ns = 1;
    const auto source = make_x11_source(impatient);
    ASSERT_FALSE(source);
    EXPECT_NE(source.error().message().find("is silent"), std::string::npos)
        << source.error().message();
    EXPECT_TRUE(server_.alive());
    signal(SIGCONT);
    EXPECT_TRUE(program_->window_lives(window_));
}

TEST_F(SilentServerTest, IsEndedWithADriverThatIsToldToStop) {
    auto stop = os::Flag::create();
    ASSERT_TRUE(stop);
    stop->set();
    X11Options stopped = options();
    stopped.stop = &*stop;
    EXPECT_FALSE(make_x11_source(stopped));
    EXPECT_FALSE(server_.alive());
}

// A cleaner of /tmp takes the socket's file; the abstract socket is still there.
TEST(XorgServer, IsAdoptedWithoutItsSocketFile) {
    const ServerPlace place;
    const auto first = XorgServer::adopt_or_start({place.path(), ""});
    ASSERT_TRUE(first) << first.error().message();
    const os::Process server = place.server();
    std::filesystem::remove("/tmp/.X11-unix/X" + first->endpoint().display.substr(1));
    const auto source = make_x11_source({"", place.path(), "test", ""});
    ASSERT_TRUE(source) << source.error().message();
    EXPECT_EQ(place.record()->process, server.identity());
}

TEST(XorgServer, AnOutputsEdidIsAlwaysThatOfItsMode) {
    constexpr core::Mode kFirst{640, 480, 60}, kSecond{480, 640, 60};
    const core::Luminance luminance{1000, 400, 50};
    const ServerPlace place;
    const auto source = open_source(place);
    ASSERT_TRUE(source);
    const auto output = make_output(false);
    core::MonitorSpec spec = make_spec(HostRing::kTarget, 3, kFirst);
    spec.luminance = luminance;
    const auto edid_of = [&](const core::Mode& mode) {
        const core::Edid edid = core::Edid::make(3, mode, luminance);
        return std::vector<std::uint8_t>(edid.bytes().begin(), edid.bytes().end());
    };
    ASSERT_TRUE(source->plug(spec, output));
    Painter painter(place.endpoint());
    EXPECT_EQ(painter.edid("DUMMY3"), edid_of(kFirst));
    ASSERT_TRUE(source->set_mode(HostRing::kTarget, kSecond));
    EXPECT_EQ(painter.edid("DUMMY3"), edid_of(kSecond));
    source->unplug(HostRing::kTarget);
}

// In a process of its own, with another user's rights and a view of the files of its own.
int start_where_sockets_are_closed(const std::string& directory) {
    constexpr uid_t kNobody = 65534;
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", kX11SocketDirectory, "tmpfs", 0, "mode=0") != 0 || ::setgid(kNobody) != 0 ||
        ::setuid(kNobody) != 0) {
        return 77;
    }
    const std::int64_t began_ns = os::now_ns();
    const auto none = XorgServer::adopt_or_start({directory + "/state", ""});
    const bool soon_said = os::now_ns() - began_ns < 10 * os::kSecond;
    const bool said = !none && none.error().reaction == os::Reaction::reject &&
                      none.error().message().find("/tmp/.X11-unix is closed") != std::string::npos;
    return said && soon_said ? 0 : 1;
}

TEST(XorgServer, SaysThatThePlaceOfSocketsIsClosed) {
    const ServerPlace place;
    std::filesystem::permissions(place.path(), std::filesystem::perms::all);
    std::filesystem::create_directories(kX11SocketDirectory);
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(start_where_sockets_are_closed(place.path()));
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        GTEST_SKIP() << "needs a mount namespace";
    }
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace pf::driver
