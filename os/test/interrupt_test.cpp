#include <pf/os/interrupt.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

TEST(Interrupt, BecomesAnEventThatStays) {
    for (const int number : {SIGINT, SIGTERM}) {
        const int status = status_of([number] {
            const auto event = interrupt_event();
            if (!event || interrupted() || wait({.cancel = *event}, 0) != Woke::deadline) {
                ::_exit(1);
            }
            ::raise(number);
            const bool twice = wait({.cancel = *event}, test::soon()) == Woke::cancelled &&
                               wait({.cancel = *event}, 0) == Woke::cancelled;
            ::_exit(twice && interrupted() && *interrupt_event() == *event ? 0 : 2);
        });
        EXPECT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), 0);
    }
}

TEST(Interrupt, TheSecondEndsTheProcess) {
    const int status = status_of([] {
        (void)interrupt_event();
        ::raise(SIGTERM);
        ::raise(SIGINT);
        ::_exit(1);
    });
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), SIGINT);
}

}  // namespace
}  // namespace pf::os
