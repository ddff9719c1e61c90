#include "x11_socket.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <vector>

#include <pf/os/clock.hpp>
#include <pf/os/process.hpp>

namespace pf::driver {
namespace {

std::int64_t soon() {
    return os::deadline_after(20 * os::kSecond);
}

// A display number that is nobody else's, above those that servers choose.
std::uint32_t own_number() {
    return 100'000 + os::current_pid();
}

// Listens where an X server would; takes no connection.
class Listener {
public:
    explicit Listener(const std::string& name, int backlog = 5)
        : name_(name),
          socket_(os::Handle::adopt(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name.copy(address.sun_path, sizeof address.sun_path);
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        const int fd = static_cast<int>(socket_.native());
        EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size), 0) << name;
        EXPECT_EQ(::listen(fd, backlog), 0);
    }
    ~Listener() { ::unlink(name_.c_str()); }
    void close() { socket_.reset(); }

private:
    std::string name_;
    os::Handle socket_;
};

class X11SocketTest : public testing::Test {
protected:
    void SetUp() override {
        if (::mkdir(kX11SocketDirectory, 01777) == 0) {
            ::chmod(kX11SocketDirectory, 01777);
        }
    }
    const std::uint32_t number_ = own_number();
    const std::string path_ = std::string(kX11SocketDirectory) + "/X" + std::to_string(number_);
    std::uint32_t pid_ = 0;
};

TEST_F(X11SocketTest, NobodyThereIsSaid) {
    const auto none = connect_display(number_, soon(), pid_);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().reaction, os::Reaction::reopen);
    EXPECT_NE(none.error().message().find("nobody answers at " + path_), std::string::npos);
}

TEST_F(X11SocketTest, TheFileIsOneWayAndTheAbstractNameTheOther) {
    {
        const Listener file(path_);
        ASSERT_TRUE(connect_display(number_, soon(), pid_));
        EXPECT_EQ(pid_, os::current_pid());
    }
    const Listener abstract('\0' + path_);
    EXPECT_TRUE(connect_display(number_, soon(), pid_)) << "its file was cleaned away";
    Listener stale(path_);
    stale.close();
    EXPECT_TRUE(connect_display(number_, soon(), pid_)) << "the file is another's, who is gone";
}

TEST_F(X11SocketTest, AFullQueueEndsAtTheDeadline) {
    const Listener stopped(path_, 0);
    std::vector<os::Handle> waiting;
    for (int i = 0; i < 16; ++i) {
        auto one = connect_display(number_, os::deadline_after(50 * os::kMillisecond), pid_);
        if (!one) {
            EXPECT_EQ(one.error().code, kX11Silent);
            EXPECT_EQ(one.error().reaction, os::Reaction::retry);
            return;
        }
        waiting.push_back(std::move(*one));
    }
    FAIL() << "the queue never filled";
}

TEST_F(X11SocketTest, AGuardWithoutAThreadIsAnError) {
    // In a process of its own, without room for another thread's stack.
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_AS, &none);
        int code = 1;
        try {
            const os::Handle socket = os::Handle::adopt(::socket(AF_UNIX, SOCK_STREAM, 0));
            const auto guard = SocketGuard::start(socket, os::kNever);
            code = guard ? 2 : guard.error().reaction == os::Reaction::retry ? 0 : 3;
        } catch (...) {
        }
        ::_exit(code);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace pf::driver
