#include <pf/os/process.hpp>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "test_support.hpp"

namespace pf::os {
namespace {

using test::ForkedChild;
using test::sleep_forever;

TEST(Process, IdentityIsStableAndOwn) {
    const auto self = identify_process(current_pid());
    ASSERT_TRUE(self);
    EXPECT_EQ(self->pid, static_cast<std::uint32_t>(::getpid()));
    EXPECT_NE(self->start_ticks, 0u);
    EXPECT_EQ(*identify_process(current_pid()), *self);
    EXPECT_NE(identify_process(1)->start_ticks, self->start_ticks);
}

TEST(Process, NameCannotForgeTheStart) {
    const auto before = identify_process(current_pid());
    char name[16] = {};
    ::prctl(PR_GET_NAME, name);
    ::prctl(PR_SET_NAME, ") S 1 1 1 1 (x");
    EXPECT_EQ(*identify_process(current_pid()), *before);
    ::prctl(PR_SET_NAME, name);
}

TEST(Process, AbsentPidIsReopen) {
    for (const std::uint32_t pid : {0u, 4'000'000u, UINT32_MAX}) {
        EXPECT_EQ(Process::open(pid).error().reaction, Reaction::reopen) << pid;
        EXPECT_EQ(identify_process(pid).error().reaction, Reaction::reopen) << pid;
    }
}

TEST(Process, DeathIsNoticedBeforeReaping) {
    ForkedChild child(sleep_forever);
    const auto process = Process::open(child.pid());
    ASSERT_TRUE(process);
    EXPECT_EQ(process->pid(), child.pid());
    EXPECT_TRUE(process->alive());
    child.send_signal(SIGKILL);
    EXPECT_TRUE(test::eventually([&] { return !process->alive(); }));
    EXPECT_EQ(Process::open(child.pid()).error().reaction, Reaction::reopen) << "a zombie";
    EXPECT_FALSE(stop_process(*process, StopHow::kill));
    child.kill_and_reap();
    EXPECT_FALSE(process->alive());
    EXPECT_FALSE(stop_process(*process, StopHow::ask));
}

TEST(Process, StoppedIsAlive) {
    ForkedChild child(sleep_forever);
    const auto process = Process::open(child.pid());
    child.send_signal(SIGSTOP);
    int status = 0;
    ASSERT_GT(::waitpid(static_cast<pid_t>(child.pid()), &status, WUNTRACED), 0);
    EXPECT_TRUE(process->alive());
}

TEST(Process, EmptyIsNotAlive) {
    const Process none;
    EXPECT_FALSE(none);
    EXPECT_FALSE(none.alive());
    EXPECT_FALSE(stop_process(none, StopHow::kill));
}

TEST(Process, StopAsksOrKills) {
    ForkedChild child(sleep_forever);
    const auto process = Process::open(child.pid());
    EXPECT_TRUE(stop_process(*process, StopHow::ask));
    EXPECT_TRUE(test::eventually([&] { return !process->alive(); }));
}

}  // namespace
}  // namespace pf::os
