#include <pf/os/flag.hpp>

#include <thread>
#include <type_traits>

#include <gtest/gtest.h>
#include <pf/os/event.hpp>
#include <pf/os/wait.hpp>

#include "test_support.hpp"

namespace pf::os {
namespace {

static_assert(!std::is_constructible_v<Flag, Event> && !std::is_constructible_v<Event, Flag>);
static_assert(!std::is_convertible_v<const Flag&, const Event&>);

TEST(Flag, StaysSetForEveryWait) {
    const Flag flag = *Flag::create();
    EXPECT_FALSE(flag.is_set());
    flag.set();
    flag.set();
    EXPECT_TRUE(flag.is_set());
    EXPECT_TRUE(wait({flag}, 0));
    EXPECT_TRUE(wait({flag}, kNever));
    EXPECT_TRUE(flag.is_set());
    flag.reset();
    EXPECT_FALSE(flag.is_set());
    EXPECT_FALSE(wait({flag}, 0));
    flag.reset();
    flag.set();
    EXPECT_TRUE(wait({flag}, 0));
}

TEST(Flag, WakesEveryWaiter) {
    const Flag flag = *Flag::create();
    std::thread first([&] { EXPECT_TRUE(wait({flag}, test::soon())); });
    std::thread second([&] { EXPECT_TRUE(wait({flag}, test::soon())); });
    flag.set();
    first.join();
    second.join();
}

TEST(Flag, AnEmptyOneIsNeverSet) {
    const Flag flag;
    EXPECT_FALSE(flag);
    flag.set();
    flag.reset();
    EXPECT_FALSE(flag.is_set());
}

}  // namespace
}  // namespace pf::os
