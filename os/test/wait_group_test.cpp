#include <pf/os/wait_group.hpp>

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "test_support.hpp"

namespace pf::os {
namespace {

class Group : public testing::Test {
protected:
    bool readable(int timeout_ms = 0) const {
        pollfd entry{static_cast<int>(group_->handle().native()), POLLIN, 0};
        return ::poll(&entry, 1, timeout_ms) == 1 && (entry.revents & POLLIN) != 0;
    }
    void set(std::initializer_list<WaitItem> members) {
        ASSERT_TRUE(group_->set({members.begin(), members.size()}));
    }

    const std::unique_ptr<WaitGroup> group_ = *WaitGroup::create();
    const Event event_ = *Event::create();
    const Flag flag_ = *Flag::create();
    test::ForkedChild child_{test::sleep_forever};
    const Process process_ = *Process::open(child_.pid());
};

TEST_F(Group, IsReadableWhileAMemberIsSignalledAndConsumesNothing) {
    EXPECT_FALSE(readable());
    set({event_, flag_, process_});
    EXPECT_FALSE(readable());
    event_.signal();
    EXPECT_TRUE(readable() && readable());
    EXPECT_TRUE(wait({event_}, 0)) << "still there for whoever was woken";
    EXPECT_FALSE(readable());
    flag_.set();
    EXPECT_TRUE(readable());
    flag_.reset();
    EXPECT_FALSE(readable());
    child_.kill_and_reap();
    EXPECT_TRUE(readable(20'000));
}

TEST_F(Group, SetReplacesAllMembers) {
    const Flag other = *Flag::create();
    set({event_, flag_});
    flag_.set();
    EXPECT_TRUE(readable());
    set({other, other, nullptr, Event()});
    EXPECT_FALSE(readable());
    event_.signal();
    EXPECT_FALSE(readable());
    other.set();
    EXPECT_TRUE(readable());
    set({});
    EXPECT_FALSE(readable());
    set({event_});
    EXPECT_TRUE(readable()) << "signalled before it came";
}

TEST_F(Group, TheEndOfAConnectionCountsAsTheProcesss) {
    int ends[2] = {};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    const Process behind = Process::behind(Handle::adopt(ends[0]), 0);
    Handle other_end = Handle::adopt(ends[1]);
    set({behind});
    EXPECT_FALSE(readable());
    other_end = Handle();
    EXPECT_TRUE(readable());
}

// The other process has the event for longer than we.
TEST_F(Group, AMemberThatIsClosedAndSharedDoesNotStay) {
    auto ours = std::optional(*Event::create());
    const auto theirs = *Event::adopt(*ours->handle().duplicate());
    set({*ours});
    ours.reset();
    set({flag_});
    theirs.signal();
    EXPECT_FALSE(readable());
}

TEST_F(Group, AWaiterSeesWhatComesWithNewMembers) {
    std::atomic<bool> woken{false};
    std::thread waiter([&] { woken = readable(20'000); });
    const Flag set_before = *Flag::create();
    set_before.set();
    set({event_});
    set({event_, set_before});
    waiter.join();
    EXPECT_TRUE(woken);
}

TEST_F(Group, ManyThreadsMaySetAndSignal) {
    std::thread first([&] {
        for (int i = 0; i < 1000; ++i) {
            set({event_, flag_});
        }
    });
    for (int i = 0; i < 1000; ++i) {
        set({flag_});
        event_.signal();
        (void)readable();
    }
    first.join();
    set({flag_});
    EXPECT_FALSE(readable());
}

TEST_F(Group, ASetThatFailsLeavesTheMembers) {
    set({flag_});
    rlimit usual{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
    const rlimit none{0, usual.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const WaitItem members[] = {event_};
    const auto failed = group_->set(members);
    const auto made = WaitGroup::create();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
    ASSERT_FALSE(failed || made);
    EXPECT_EQ(failed.error().reaction, Reaction::retry);
    flag_.set();
    EXPECT_TRUE(readable());
}

}  // namespace
}  // namespace pf::os
