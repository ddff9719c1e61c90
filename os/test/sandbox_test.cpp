// A host in another pid namespace than its driver (a container, Flatpak), or where nobody may hold
// a process (a seccomp filter): the driver is found, served by and missed all the same, and never
// said to be gone while it lives.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>
#include <pf/os/device_channel.hpp>
#include <pf/os/wait.hpp>

#include "test_driver.hpp"

namespace pf::os {
namespace {

constexpr int kHolds = 0, kNotPermitted = 77;

// The end of `body` in a process of its own: kHolds, what it returned, or 255 when it crashed.
int in_child(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(body());
    }
    int status = 0;
    const bool ended = ::waitpid(child, &status, 0) == child && WIFEXITED(status);
    return ended ? WEXITSTATUS(status) : 255;
}

bool write_file(const char* path, const std::string& text) {
    std::ofstream file(path);
    file << text << std::flush;
    return file.good();
}

// With the same user, as a sandbox's is.
bool enter_user_namespace() {
    const std::string user = std::to_string(::geteuid()), group = std::to_string(::getegid());
    return ::unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", user + " " + user + " 1") &&
           write_file("/proc/self/gid_map", group + " " + group + " 1");
}

enum class Proc { of_the_driver, of_its_own, none };

bool arrange_proc(Proc proc) {
    if (proc == Proc::of_the_driver) {
        return true;
    }
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return false;
    }
    const char* type = proc == Proc::none ? "tmpfs" : "proc";
    return ::mount(type, "/proc", type, 0, nullptr) == 0;
}

int in_another_pid_namespace(Proc proc, const std::function<int()>& body) {
    return in_child([&] {
        if (::unshare(CLONE_NEWPID) != 0 &&
            (!enter_user_namespace() || ::unshare(CLONE_NEWPID) != 0)) {
            return kNotPermitted;
        }
        return in_child([&] { return arrange_proc(proc) ? body() : kNotPermitted; });
    });
}

// pidfd_open fails with `error` from now on, as under a container's filter.
bool forbid_pidfd_open(int error) {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{std::size(program), program};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

int complain(int line, const std::string& what) {
    std::fprintf(stderr, "sandbox_test.cpp:%d: %s\n", line, what.c_str());
    return 1;
}

#define PF_SANDBOX_EXPECT(condition, what) \
    if (!(condition)) {                    \
        return complain(__LINE__, what);   \
    }

bool is_active(const std::string& name) {
    const auto all = list_instances();
    return all && all->size() == 1 && all->front().name == name &&
           all->front().state == InstanceState::active;
}

// In the sandbox, while the driver lives and then when it is killed. `die` asks for that.
int use_driver(int die) {
    PF_SANDBOX_EXPECT(is_active("main"), "a living driver is not listed as active");
    const auto channel = DeviceChannel::open("main");
    PF_SANDBOX_EXPECT(channel, channel.error().message());
    const Process& driver = (*channel)->driver_process();
    PF_SANDBOX_EXPECT(driver.alive(), "the driver does not seem to live");
    std::array<std::byte, 4> reply{};
    const std::array<std::byte, 4> sent{std::byte{7}};
    const auto echoed = (*channel)->call(1, sent, reply, test::soon());
    PF_SANDBOX_EXPECT(echoed && reply == sent, "no echo");
    PF_SANDBOX_EXPECT(!wait({driver}, 0), "the wait ends early");
    PF_SANDBOX_EXPECT(::write(die, "x", 1) == 1, "cannot ask for the end");
    PF_SANDBOX_EXPECT(wait({driver}, test::soon()), "the driver's end is not noticed");
    PF_SANDBOX_EXPECT(!driver.alive(), "the driver seems to live");
    PF_SANDBOX_EXPECT(
        (*channel)->call(1, {}, {}, test::soon()).error().reaction == Reaction::reopen,
        "a call to a dead driver");
    PF_SANDBOX_EXPECT(test::eventually([] { return !is_active("main"); }), "listed as active");
    return kHolds;
}

class SandboxTest : public testing::Test {
protected:
    void expect_use(const std::function<int(const std::function<int()>&)>& sandbox) {
        auto driver = test::start_driver("main", test::serve_properly);
        int ends[2];
        ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        const Handle reading = Handle::adopt(ends[0]);
        Handle writing = Handle::adopt(ends[1]);
        const test::ForkedChild killer([&] {
            writing.reset();
            char byte;
            if (::read(static_cast<int>(reading.native()), &byte, 1) == 1) {
                driver->send_signal(SIGKILL);
            }
        });
        const int die = static_cast<int>(writing.native());
        const int end = sandbox([&] { return use_driver(die); });
        if (end == kNotPermitted) {
            GTEST_SKIP() << "such a sandbox cannot be made here";
        }
        EXPECT_EQ(end, kHolds);
    }

    test::ScopedRuntimeDirectory base_;
};

TEST_F(SandboxTest, AnotherPidNamespace) {
    expect_use([](const auto& body) { return in_another_pid_namespace(Proc::of_its_own, body); });
}

TEST_F(SandboxTest, AnotherPidNamespaceUnderTheOldProc) {
    expect_use(
        [](const auto& body) { return in_another_pid_namespace(Proc::of_the_driver, body); });
}

TEST_F(SandboxTest, AnotherPidNamespaceWithoutProc) {
    expect_use([](const auto& body) { return in_another_pid_namespace(Proc::none, body); });
}

TEST_F(SandboxTest, NoProcess) {
    for (const int error : {EPERM, ENOSYS}) {
        expect_use([error](const auto& body) {
            return in_child([&] { return forbid_pidfd_open(error) ? body() : kNotPermitted; });
        });
    }
}

TEST_F(SandboxTest, WhatMayNotBeHeldIsNotSaidToBeGone) {
    const int end = in_child([] {
        if (!forbid_pidfd_open(EPERM)) {
            return kNotPermitted;
        }
        const auto self = Process::open(current_pid());
        PF_SANDBOX_EXPECT(!self, "the filter does not work");
        PF_SANDBOX_EXPECT(self.error().reaction == Reaction::fallback, self.error().message());
        PF_SANDBOX_EXPECT(self.error().detail.find("is gone") == std::string::npos,
                          self.error().detail);
        return kHolds;
    });
    if (end == kNotPermitted) {
        GTEST_SKIP() << "no seccomp filter here";
    }
    EXPECT_EQ(end, kHolds);
}

// The other way round: a driver in a sandbox, a host outside.
TEST_F(SandboxTest, ADriverInAnotherPidNamespaceIsTheOneThatItsRecordNames) {
    if (in_another_pid_namespace(Proc::of_its_own, [] { return kHolds; }) != kHolds) {
        GTEST_SKIP() << "such a sandbox cannot be made here";
    }
    const test::ForkedChild sandbox([] {
        (void)in_another_pid_namespace(Proc::of_its_own, [] {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            test::serve_instance("main", test::serve_properly);
            return kHolds;
        });
    });
    ASSERT_TRUE(test::eventually([] { return is_active("main"); }));
    const auto channel = DeviceChannel::open("main");
    ASSERT_TRUE(channel) << channel.error().message();
    const Process& driver = (*channel)->driver_process();
    EXPECT_NE(driver.pid(), 1u) << "as it is seen here";
    EXPECT_EQ(driver.own_pid(), 1u) << "as it calls itself";
    EXPECT_FALSE(driver.is_behind_connection());
    EXPECT_TRUE(stop_process(driver, StopHow::kill));
    EXPECT_TRUE(test::eventually([&] { return !driver.alive(); }));
}

}  // namespace
}  // namespace pf::os
