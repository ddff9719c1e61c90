#include <pf/os/event.hpp>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>

#include <gtest/gtest.h>
#include <pf/os/shared_memory.hpp>
#include <pf/os/wait.hpp>

#include "descriptor_poll.hpp"
#include "test_support.hpp"

namespace pf::os {
namespace {

bool look(const Event& event) {
    return wait({event}, 0);
}

// What a hostile owner of the same object can do to it.
void fill_and_make_blocking(int descriptor) {
    const std::uint64_t fill = UINT64_MAX - 1;
    ASSERT_EQ(::write(descriptor, &fill, sizeof fill), static_cast<ssize_t>(sizeof fill));
    ASSERT_EQ(::fcntl(descriptor, F_SETFL, 0), 0);
}

TEST(Event, ManySignalsWakeOnce) {
    const auto event = Event::create();
    ASSERT_TRUE(event);
    EXPECT_FALSE(look(*event));
    event->signal();
    event->signal();
    EXPECT_TRUE(look(*event));
    EXPECT_FALSE(look(*event));
}

TEST(Event, ClearForgets) {
    const auto event = Event::create();
    event->signal();
    event->clear();
    event->clear();
    EXPECT_FALSE(look(*event));
}

TEST(Event, AdoptedIsTheSameEvent) {
    const auto ours = Event::create();
    const auto theirs = Event::adopt(*ours->handle().duplicate());
    ASSERT_TRUE(theirs);
    theirs->signal();
    EXPECT_TRUE(look(*ours));
}

TEST(Event, AdoptRefusesEverythingElse) {
    const int before = test::open_descriptor_count();
    int pipe_ends[2];
    ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
    EXPECT_EQ(Event::adopt(Handle::adopt(pipe_ends[0])).error().reaction, Reaction::reject);
    EXPECT_EQ(Event::adopt(Handle::adopt(pipe_ends[1])).error().reaction, Reaction::reject);
    EXPECT_FALSE(Event::adopt(Handle()));
    EXPECT_FALSE(Event::adopt(Handle::adopt(::open("/dev/null", O_RDWR | O_CLOEXEC))));
    EXPECT_FALSE(Event::adopt(*Region::create(8, "anon_inode:[eventfd]")->handle().duplicate()));
    EXPECT_EQ(test::open_descriptor_count(), before);
}

TEST(Event, HostileOwnerBlocksNobody) {
    const int descriptor = ::eventfd(0, EFD_CLOEXEC);
    const auto event = Event::adopt(Handle::adopt(descriptor));
    ASSERT_TRUE(event);
    fill_and_make_blocking(descriptor);
    for (int i = 0; i < 1000; ++i) {
        event->signal();
    }
    EXPECT_TRUE(look(*event));
    event->clear();
    EXPECT_FALSE(look(*event));
}

// The other owner fills the counter and makes it blocking all the time.
TEST(Event, RacingOwnerBlocksNobody) {
    const int descriptor = ::eventfd(0, EFD_CLOEXEC);
    const auto event = Event::adopt(Handle::adopt(descriptor));
    test::ForkedChild hostile([&] {
        const std::uint64_t fill = UINT64_MAX - 1;
        for (;;) {
            ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
            (void)!::write(descriptor, &fill, sizeof fill);
            ::fcntl(descriptor, F_SETFL, 0);
        }
    });
    for (int i = 0; i < 20'000; ++i) {
        event->signal();
        if (i % 3 == 0) {
            event->clear();
        }
    }
    hostile.kill_and_reap();
    event->signal();
    EXPECT_TRUE(look(*event));
}

TEST(Event, AdoptedSignalsFromManyThreads) {
    const auto ours = Event::create();
    const auto theirs = Event::adopt(*ours->handle().duplicate());
    std::thread other([&] {
        for (int i = 0; i < 5000; ++i) {
            theirs->signal();
        }
    });
    for (int i = 0; i < 5000; ++i) {
        theirs->signal();
        ASSERT_TRUE(wait({*ours}, test::soon()));
    }
    other.join();
}

TEST(Event, SignalsAcrossThreads) {
    const auto event = Event::create();
    std::thread signaller([&] { event->signal(); });
    EXPECT_TRUE(wait({*event}, test::soon()));
    signaller.join();
}

}  // namespace
}  // namespace pf::os
