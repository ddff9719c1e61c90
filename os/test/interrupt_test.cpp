#include <pf/os/interrupt.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <pf/os/wait.hpp>

#include "test_support.hpp"

namespace pf::os {
namespace {

// Handlers are the process's: each test is a process.
int status_of(const std::function<void()>& body) {
    test::ForkedChild child(body);
    int status = 0;
    EXPECT_GT(::waitpid(static_cast<pid_t>(child.pid()), &status, 0), 0);
    return status;
}

TEST(Interrupt, BecomesAFlagThatStays) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU}) {
        const int status = status_of([number] {
            const auto flag = interrupt_flag();
            if (!flag || interrupted() || wait({*flag}, 0)) {
                ::_exit(1);
            }
            ::raise(number);
            const bool twice = wait({*flag}, test::soon()) && wait({*flag}, 0);
            ::_exit(twice && interrupted() && *interrupt_flag() == *flag ? 0 : 2);
        });
        EXPECT_TRUE(WIFEXITED(status)) << number;
        EXPECT_EQ(WEXITSTATUS(status), 0) << number;
    }
}

TEST(Interrupt, OnlyAHangupThatIsIgnoredStaysIgnored) {
    const int status = status_of([] {
        for (const int number : {SIGHUP, SIGINT, SIGTERM}) {
            ::signal(number, SIG_IGN);
        }
        (void)interrupt_flag();
        ::raise(SIGHUP);
        if (interrupted()) {
            ::_exit(1);
        }
        ::raise(SIGINT);
        ::_exit(interrupted() ? 0 : 2);
    });
    EXPECT_EQ(status, 0);
}

// `timeout` sends two at once, and a closed terminal as well.
TEST(Interrupt, ASecondSoonAfterTheFirstChangesNothing) {
    const int status = status_of([] {
        (void)interrupt_flag();
        const auto last_resort = LastResort::stand_by(9);
        for (int i = 0; i < 100; ++i) {
            ::raise(SIGTERM);
            ::raise(SIGHUP);
        }
        ::_exit(0);
    });
    EXPECT_EQ(status, 0);
}

// Sends an interrupt each while until the process ends: the wait status.
int interrupt_until_it_ends(const std::function<void()>& body) {
    test::ForkedChild child(body);
    int status = 0;
    EXPECT_TRUE(test::eventually([&] {
        child.send_signal(SIGINT);
        return ::waitpid(static_cast<pid_t>(child.pid()), &status, WNOHANG) > 0;
    }));
    return status;
}

TEST(Interrupt, OneLongAfterTheFirstEndsAProcessThatHangs) {
    const std::int64_t began_ns = now_ns();
    ::signal(SIGINT, SIG_IGN);  // inherited: none is lost before the child is ready
    const int status = interrupt_until_it_ends([] {
        (void)interrupt_flag();
        test::sleep_forever();
    });
    ::signal(SIGINT, SIG_DFL);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), SIGINT);
    EXPECT_GE(now_ns() - began_ns, kHurryAfter);
}

TEST(Interrupt, TheLastResortEndsItInOrderTheNewestFirst) {
    const test::ScopedRuntimeDirectory directory;
    const std::string path = directory.path() + "/ended";
    ::signal(SIGINT, SIG_IGN);
    const int status = interrupt_until_it_ends([&path] {
        (void)interrupt_flag();
        auto last_resort = LastResort::stand_by(77);
        (*last_resort)->also([&path] { std::ofstream(path, std::ios::app) << "first"; });
        (*last_resort)->also([&path] { std::ofstream(path, std::ios::app) << "second "; });
        test::sleep_forever();
    });
    ::signal(SIGINT, SIG_DFL);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 77);
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    EXPECT_EQ(text.str(), "second first");
}

TEST(Interrupt, ALastResortThatIsNotNeededDoesNothing) {
    bool ended = false;
    {
        const auto last_resort = LastResort::stand_by(1);
        ASSERT_TRUE(last_resort);
        (*last_resort)->also([&ended] { ended = true; });
    }
    EXPECT_FALSE(ended);
}

}  // namespace
}  // namespace pf::os
