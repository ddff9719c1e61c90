#include <gtest/gtest.h>
#include <windows.h>

#include <thread>
#include <vector>

#include <pf/os/wait.hpp>
#include <pf/os/wait_handle.hpp>

#include "native_handle.hpp"

namespace pf::os {
namespace {

bool is_ready(const WaitHandle& handle, std::int64_t timeout_ns = 0) {
    const auto ms = static_cast<DWORD>(timeout_ns / kMillisecond);
    return ::WaitForSingleObject(handle_of(handle.handle()), ms) == WAIT_OBJECT_0;
}

TEST(WindowsWait, AllThatAreReadyAreToldAndEventsAreTaken) {
    auto event = Event::create();
    auto other = Event::create();
    auto flag = Flag::create();
    event->signal();
    flag->set();
    WaitItem items[] = {*other, *flag, *event};
    ASSERT_TRUE(wait(items, now_ns() + kSecond));
    EXPECT_FALSE(items[0].ready());
    EXPECT_TRUE(items[1].ready());
    EXPECT_TRUE(items[2].ready());
    ASSERT_TRUE(wait(items, now_ns() + kSecond));  // the flag stays
    EXPECT_FALSE(items[2].ready());
}

TEST(WindowsWait, EndsAtItsDeadlineAndNotBefore) {
    auto event = Event::create();
    const std::int64_t begun = now_ns();
    EXPECT_FALSE(wait({*event, nullptr}, begun + 30 * kMillisecond));
    EXPECT_GE(now_ns() - begun, 30 * kMillisecond);
    EXPECT_FALSE(wait({*event}, begun));
}

TEST(WindowsWait, MoreThanTheSystemTakesAtOnce) {
    std::vector<Event> events;
    std::vector<WaitItem> items;
    for (int i = 0; i < 100; ++i) {
        events.push_back(std::move(*Event::create()));
    }
    for (const Event& event : events) {
        items.emplace_back(event);
    }
    std::thread signaller([&] { events[97].signal(); });
    ASSERT_TRUE(wait(items, now_ns() + 10 * kSecond));
    signaller.join();
    EXPECT_TRUE(items[97].ready());
    EXPECT_FALSE(items[0].ready());
}

TEST(WindowsWait, AProcessThatEnds) {
    auto child = ChildProcess::spawn(
        {.arguments = {"cmd", "/c", "exit", "7"}, .environment = {}, .output_file = {}});
    ASSERT_TRUE(child) << child.error().message();
    WaitItem items[] = {child->process()};
    ASSERT_TRUE(wait(items, now_ns() + 20 * kSecond));
    EXPECT_TRUE(items[0].ready());
    EXPECT_TRUE(child->wait_exit(now_ns() + kSecond));
    EXPECT_EQ(child->exit_status().code, 7);
}

TEST(WindowsWaitHandle, IsReadyAndTakesNoSignal) {
    auto event = Event::create();
    auto handle = WaitHandle::create();
    ASSERT_TRUE(handle && handle->watch(*event));
    EXPECT_FALSE(is_ready(*handle));
    event->signal();
    EXPECT_TRUE(is_ready(*handle, 10 * kSecond));
    EXPECT_TRUE(wait({*event}, now_ns() + kSecond)) << "the signal is still there";
    handle->settle();
    EXPECT_FALSE(is_ready(*handle));
    event->signal();
    EXPECT_TRUE(is_ready(*handle, 10 * kSecond));
    handle->settle();
    EXPECT_TRUE(is_ready(*handle, 10 * kSecond)) << "nobody took it";
}

TEST(WindowsWaitHandle, WhatIsForgottenDoesNotCount) {
    auto event = Event::create();
    auto flag = Flag::create();
    auto handle = WaitHandle::create();
    ASSERT_TRUE(handle->watch(*event) && handle->watch(*flag) && handle->watch(*flag));
    handle->forget(*event);
    event->signal();
    EXPECT_FALSE(is_ready(*handle, 50 * kMillisecond));
    flag->set();
    EXPECT_TRUE(is_ready(*handle, 10 * kSecond));
}

}  // namespace
}  // namespace pf::os
