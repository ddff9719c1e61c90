#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <pf/os/process.hpp>

#include "test_support.hpp"

namespace pf::os {
namespace {

using Options = ChildProcess::Options;

Options shell(const std::string& script) {
    Options options;
    options.arguments = {"sh", "-c", script};
    return options;
}

std::string read_all(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// The output of a script that ended.
std::string output_of(Options options) {
    const test::ScopedRuntimeDirectory directory;
    options.output_file = directory.path() + "/out";
    auto child = ChildProcess::spawn(options);
    EXPECT_TRUE(child) << child.error().message();
    EXPECT_TRUE(child && child->wait_exit(test::soon()));
    return read_all(options.output_file);
}

TEST(ChildProcess, ExitCodeComesBack) {
    auto child = ChildProcess::spawn(shell("exit 3"));
    ASSERT_TRUE(child);
    ASSERT_TRUE(child->wait_exit(test::soon()));
    EXPECT_TRUE(child->exit_status().exited);
    EXPECT_EQ(child->exit_status().code, 3);
    EXPECT_TRUE(child->wait_exit(0)) << "again";
}

TEST(ChildProcess, SignalComesBack) {
    auto child = ChildProcess::spawn(shell("kill -9 $$"));
    ASSERT_TRUE(child->wait_exit(test::soon()));
    EXPECT_FALSE(child->exit_status().exited);
    EXPECT_EQ(child->exit_status().code, SIGKILL);
    EXPECT_TRUE(child->exit_status().killed);
}

TEST(ChildProcess, ACrashIsItsOwnDoing) {
    auto child = ChildProcess::spawn(shell("ulimit -c 0; kill -SEGV $$"));
    ASSERT_TRUE(child->wait_exit(test::soon()));
    EXPECT_EQ(child->exit_status().code, SIGSEGV);
    EXPECT_FALSE(child->exit_status().exited);
    EXPECT_FALSE(child->exit_status().killed);
}

// The system reaps it then, and nobody learns how it ended.
TEST(ChildProcess, IsWaitedForEvenWhereSigchldIsIgnored) {
    ::signal(SIGCHLD, SIG_IGN);
    auto child = ChildProcess::spawn(shell("exit 3"));
    const bool ended = child && child->wait_exit(test::soon());
    ::signal(SIGCHLD, SIG_DFL);
    ASSERT_TRUE(ended);
    EXPECT_FALSE(child->exit_status().exited);
    EXPECT_FALSE(child->exit_status().killed);
}

TEST(ChildProcess, AStoppedOneEndsWhenAsked) {
    auto child = ChildProcess::spawn(shell("exec sleep 1000"));
    ASSERT_TRUE(child);
    ASSERT_EQ(::kill(static_cast<pid_t>(child->process().pid()), SIGSTOP), 0);
    child->stop(StopHow::ask);
    ASSERT_TRUE(child->wait_exit(test::soon()));
    EXPECT_EQ(child->exit_status().code, SIGTERM);
}

TEST(ChildProcess, StopAndDeadline) {
    auto child = ChildProcess::spawn(shell("exec sleep 1000"));
    EXPECT_FALSE(child->wait_exit(0));
    EXPECT_TRUE(child->process().alive());
    child->stop(StopHow::ask);
    ASSERT_TRUE(child->wait_exit(test::soon()));
    EXPECT_EQ(child->exit_status().code, SIGTERM);
}

TEST(ChildProcess, FailureToRunIsAnErrorOfSpawn) {
    const int before = test::open_descriptor_count();
    Options options;
    options.arguments = {"/nonexistent/program"};
    EXPECT_EQ(ChildProcess::spawn(options).error().code, ENOENT);
    options.arguments = {"no-such-program-on-path"};
    EXPECT_EQ(ChildProcess::spawn(options).error().code, ENOENT);
    options.detached = true;
    EXPECT_EQ(ChildProcess::spawn(options).error().code, ENOENT);
    options.arguments = {"/dev/null"};
    EXPECT_EQ(ChildProcess::spawn(options).error().code, EACCES);
    options = shell("true");
    options.output_file = "/nonexistent/file";
    EXPECT_FALSE(ChildProcess::spawn(options));
    EXPECT_EQ(ChildProcess::spawn({}).error().reaction, Reaction::bug);
    EXPECT_EQ(test::open_descriptor_count(), before);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a zombie is left";
}

TEST(ChildProcess, EnvironmentIsAddedAndReplaced) {
    ::setenv("PF_OS_TEST", "old", 1);
    Options options = shell("echo $PF_OS_TEST,$PF_OS_ADDED,${PATH:+path}");
    options.environment = {"PF_OS_TEST=new", "PF_OS_ADDED=b=c"};
    EXPECT_EQ(output_of(options), "new,b=c,path\n");
    ::unsetenv("PF_OS_TEST");
}

TEST(ChildProcess, InheritsNothingButStandardDescriptors) {
    const int leaky = ::dup(0);  // not close-on-exec
    const std::string path = "/proc/self/fd/";
    Options options;
    options.arguments = {"readlink", path + "0", path + std::to_string(leaky)};
    EXPECT_EQ(output_of(options), "/dev/null\n");
    ::close(leaky);
}

TEST(ChildProcess, SignalsAreAsAtTheStart) {
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t blocked;
    sigset_t before;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    Options options;
    options.arguments = {"grep", "-E", "SigBlk|SigIgn", "/proc/self/status"};
    EXPECT_EQ(output_of(options), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
}

TEST(ChildProcess, WorksWithStandardDescriptorsClosed) {
    const test::ScopedRuntimeDirectory directory;
    const std::string file = directory.path() + "/out";
    test::ForkedChild child([&] {
        ::close(0);
        ::close(1);
        ::close(2);
        Options options = shell("echo fine; echo good >&2");
        options.output_file = file;
        auto spawned = ChildProcess::spawn(options);
        if (spawned) {
            spawned->wait_exit(test::soon());
        }
    });
    EXPECT_TRUE(test::eventually([&] { return read_all(file) == "fine\ngood\n"; }));
}

TEST(ChildProcess, DestructorKillsAndReaps) {
    const int before = test::open_descriptor_count();
    std::uint32_t pid = 0;
    {
        auto child = ChildProcess::spawn(shell("trap '' TERM; while :; do sleep 1; done"));
        pid = child->process().pid();
        ChildProcess moved = std::move(*child);
        ChildProcess assigned;
        assigned = std::move(moved);
        EXPECT_TRUE(assigned.process().alive());
    }
    EXPECT_FALSE(identify_process(pid));
    EXPECT_EQ(test::open_descriptor_count(), before);
}

TEST(ChildProcess, DetachedSurvivesItsStarter) {
    const test::ScopedRuntimeDirectory directory;
    const std::string file = directory.path() + "/pid";
    test::ForkedChild starter([&] {
        Options options =
            shell("echo $$ > " + file + ".new; mv " + file + ".new " + file + "; exec sleep 1000");
        options.detached = true;
        const auto child = ChildProcess::spawn(options);
        test::eventually([&] { return std::filesystem::exists(file); });
    });
    ASSERT_GT(::waitpid(static_cast<pid_t>(starter.pid()), nullptr, 0), 0);
    const auto survivor = Process::open(static_cast<std::uint32_t>(std::stoul(read_all(file))));
    ASSERT_TRUE(survivor);
    EXPECT_TRUE(survivor->alive());
    EXPECT_EQ(::getsid(static_cast<pid_t>(survivor->pid())) == ::getsid(0), false);
    EXPECT_TRUE(stop_process(*survivor, StopHow::kill));
    EXPECT_TRUE(test::eventually([&] { return !survivor->alive(); }));
}

TEST(ChildProcess, DetachedIsWatchedAndStopped) {
    Options options = shell("exec sleep 1000");
    options.detached = true;
    auto child = ChildProcess::spawn(options);
    ASSERT_TRUE(child);
    EXPECT_TRUE(child->process().alive());
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "it is no child of ours";
    child->stop(StopHow::kill);
    EXPECT_TRUE(child->wait_exit(test::soon()));
}

TEST(ChildProcess, DiesWithItsParent) {
    const test::ScopedRuntimeDirectory directory;
    const std::string file = directory.path() + "/pid";
    test::ForkedChild starter([&] {
        Options options =
            shell("echo $$ > " + file + ".new; mv " + file + ".new " + file + "; exec sleep 1000");
        options.die_with_parent = true;
        const auto child = ChildProcess::spawn(options);
        test::eventually([&] { return !std::filesystem::exists(directory.path()); });
    });
    ASSERT_TRUE(test::eventually([&] { return std::filesystem::exists(file); }));
    const auto bound = Process::open(static_cast<std::uint32_t>(std::stoul(read_all(file))));
    ASSERT_TRUE(bound);
    starter.kill_and_reap();
    EXPECT_TRUE(test::eventually([&] { return !bound->alive(); }));
}

TEST(ChildProcess, MayEndInOrderWhenItsParentDies) {
    const test::ScopedRuntimeDirectory directory;
    const std::string ready = directory.path() + "/ready";
    const std::string told = directory.path() + "/told";
    test::ForkedChild starter([&] {
        Options options = shell("trap 'echo > " + told + "; exit' TERM; echo > " + ready +
                                "; while :; do sleep 0.05; done");
        options.die_with_parent = true;
        options.death = StopHow::ask;
        const auto child = ChildProcess::spawn(options);
        test::sleep_forever();
    });
    ASSERT_TRUE(test::eventually([&] { return std::filesystem::exists(ready); }));
    starter.kill_and_reap();
    EXPECT_TRUE(test::eventually([&] { return std::filesystem::exists(told); }));
}

TEST(ChildProcess, DetachedAndBoundContradict) {
    Options options = shell("true");
    options.detached = options.die_with_parent = true;
    EXPECT_EQ(ChildProcess::spawn(options).error().reaction, Reaction::bug);
}

}  // namespace
}  // namespace pf::os
