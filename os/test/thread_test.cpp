#include <pf/os/thread.hpp>

#include <pthread.h>

#include <cstddef>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <gtest/gtest.h>
#include <pf/os/wait.hpp>

#include "test_support.hpp"

namespace pf::os {
namespace {

// How a body that does this ends.
std::optional<Error> failure_of(const GuardedThread::Body& body) {
    std::optional<Error> failure;
    auto thread = GuardedThread::start("pf-test", body, [&](const Error& error) {
        EXPECT_FALSE(failure) << "told once";
        failure = error;
    });
    EXPECT_TRUE(thread);
    thread->join();
    return failure;
}

TEST(GuardedThread, RunsUnderItsName) {
    std::string name(16, '\0');
    auto thread = GuardedThread::start(
        "pf-a-name-that-is-long", [&] { ::pthread_getname_np(::pthread_self(), name.data(), 16); },
        [](const Error& error) { FAIL() << error.message(); });
    ASSERT_TRUE(thread);
    EXPECT_TRUE(*thread);
    EXPECT_FALSE(thread->is_current());
    thread->join();
    EXPECT_FALSE(*thread);
    EXPECT_STREQ(name.c_str(), "pf-a-name-that-");
}

TEST(GuardedThread, WhatTheBodyThrowsBecomesAnError) {
    EXPECT_FALSE(failure_of([] {}));
    const auto memory = failure_of([] { throw std::bad_alloc(); });
    EXPECT_EQ(memory->reaction, Reaction::retry);
    EXPECT_EQ(memory->message(), "pf-test: no memory");
    EXPECT_EQ(failure_of([] { throw std::system_error(11, std::generic_category()); })->reaction,
              Reaction::retry);
    const auto mistake = failure_of([] { throw std::out_of_range("beyond the end"); });
    EXPECT_EQ(mistake->reaction, Reaction::bug);
    EXPECT_EQ(mistake->detail, "beyond the end");
    EXPECT_EQ(failure_of([] { throw 7; })->reaction, Reaction::bug);
}

TEST(GuardedThread, AnExceptionWhileTellingIsDropped) {
    auto thread = GuardedThread::start(
        "pf-test", [] { throw 1; }, [](const Error&) { throw 2; });
    ASSERT_TRUE(thread);
}

TEST(GuardedThread, TheDestructorAndAssignmentWaitForIt) {
    const Flag begun = *Flag::create();
    bool ended = false;
    const auto start = [&] {
        return *GuardedThread::start(
            "pf-test",
            [&] {
                begun.set();
                sleep_until(deadline_after(5 * kMillisecond));
                ended = true;
            },
            [](const Error&) {});
    };
    {
        const GuardedThread thread = start();
        EXPECT_TRUE(wait({begun}, test::soon()));
    }
    EXPECT_TRUE(ended);
    ended = false;
    GuardedThread thread = start();
    thread = GuardedThread();
    EXPECT_TRUE(ended);
}

// No address space holds a stack of that size.
TEST(GuardedThread, NoThreadToGiveIsAnError) {
    pthread_attr_t before;
    pthread_attr_t huge;
    ASSERT_EQ(::pthread_getattr_default_np(&before), 0);
    ASSERT_EQ(::pthread_getattr_default_np(&huge), 0);
    ASSERT_EQ(::pthread_attr_setstacksize(&huge, std::size_t{1} << 50), 0);
    ASSERT_EQ(::pthread_setattr_default_np(&huge), 0);
    const auto thread = GuardedThread::start(
        "pf-test", [] { FAIL(); }, [](const Error&) { FAIL(); });
    ASSERT_EQ(::pthread_setattr_default_np(&before), 0);
    ASSERT_FALSE(thread);
    EXPECT_EQ(thread.error().reaction, Reaction::retry);
}

}  // namespace
}  // namespace pf::os
