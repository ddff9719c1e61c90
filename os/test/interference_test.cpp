#include <pf/os/test/interference.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <pf/os/linux/seqpacket.hpp>
#include <pf/os/shared_memory.hpp>

#include "test_support.hpp"

namespace pf::os {
namespace {

using test::ForkedChild;
using test::sleep_forever;

Process open_child(const ForkedChild& child) {
    auto process = Process::open(child.pid());
    return process ? std::move(*process) : Process();
}

TEST(Interference, FootprintCountsWhatIsHeld) {
    const auto before = footprint(current_pid());
    ASSERT_TRUE(before);
    auto region = Region::create(4096, "footprint-test");
    ASSERT_TRUE(region) << region.error().message();
    const auto mapping = WritableMapping::map(*region);
    ASSERT_TRUE(mapping);
    const auto after = footprint(current_pid());
    EXPECT_EQ(after->descriptors, before->descriptors + 1);
    EXPECT_EQ(after->shared_mappings, before->shared_mappings + 1);
    EXPECT_GT(after->resident_bytes, 0u);
    EXPECT_NE(describe_descriptors(current_pid()).find("1 /memfd:footprint-test"),
              std::string::npos);
}

TEST(Interference, OfNobodyIsReopen) {
    EXPECT_EQ(footprint(4'000'000).error().reaction, Reaction::reopen);
    ForkedChild child(sleep_forever);
    const Process process = open_child(child);
    child.kill_and_reap();
    EXPECT_EQ(suspend_process(process).error().reaction, Reaction::reopen);
    EXPECT_EQ(resume_process(process).error().reaction, Reaction::reopen);
}

TEST(Interference, SuspendedStandsStillUntilResumed) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    ForkedChild child([&] {
        for (char tick = 0;; ++tick) {
            (void)!::write(ends[1], &tick, 1);
            sleep_until(deadline_after(kMillisecond));
        }
    });
    const Process process = open_child(child);
    const auto drained = [&] {
        char bytes[4096];
        return ::read(ends[0], bytes, sizeof bytes) > 0;
    };
    ASSERT_TRUE(test::eventually(drained));
    ASSERT_TRUE(suspend_process(process));
    (void)drained();
    sleep_until(deadline_after(20 * kMillisecond));
    EXPECT_FALSE(drained());
    ASSERT_TRUE(resume_process(process));
    EXPECT_TRUE(test::eventually(drained));
    ::close(ends[0]);
    ::close(ends[1]);
}

// The child says how many descriptors it could open.
TEST(Interference, ALimitLetsExactlySoManyThrough) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ForkedChild child([&] {
        char go = 0;
        while (::read(ends[1], &go, 1) == 1) {
            std::vector<Handle> opened;
            for (;;) {
                Handle handle = Handle::adopt(::open("/dev/null", O_RDONLY | O_CLOEXEC));
                if (!handle || opened.size() == 100) {
                    break;
                }
                opened.push_back(std::move(handle));
            }
            const auto count = static_cast<char>(opened.size());
            opened.clear();  // before the answer: the next limit counts what is open
            (void)!::write(ends[1], &count, 1);
        }
    });
    const Process process = open_child(child);
    const auto ask = [&] {
        char count = 1;
        (void)!::write(ends[0], &count, 1);
        return ::read(ends[0], &count, 1) == 1 ? static_cast<int>(count) : -1;
    };
    for (const std::size_t more : {0u, 1u, 7u}) {
        const auto limit = descriptor_limit_for(process, more);
        ASSERT_TRUE(limit);
        const auto before = limit_descriptors(process, *limit);
        ASSERT_TRUE(before) << before.error().message();
        EXPECT_EQ(ask(), static_cast<int>(more));
        ASSERT_TRUE(limit_descriptors(process, *before));
    }
    EXPECT_EQ(ask(), 100);
    ::close(ends[0]);
    ::close(ends[1]);
}

// A server in another process that accepts one connection and never reads it.
TEST(Interference, AConnectionIsCutBetweenRequestAndReply) {
    const test::ScopedRuntimeDirectory runtime;
    const auto listener = listen_seqpacket(runtime.path(), "control");
    ASSERT_TRUE(listener) << listener.error().message();
    ForkedChild child([&] {
        auto accepted = accept_seqpacket(*listener);
        while (!accepted) {
            sleep_until(deadline_after(kMillisecond));
            accepted = accept_seqpacket(*listener);
        }
        sleep_forever();
    });
    const Process server = open_child(child);
    const Handle directory =
        Handle::adopt(::open(runtime.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto client = connect_seqpacket(directory, "control", test::soon());
    ASSERT_TRUE(client) << client.error().message();
    std::vector<Handle> borrowed;
    ASSERT_TRUE(test::eventually([&] {
        auto found = borrow_connections(server, current_pid());
        if (!found && found.error().reaction == Reaction::fallback) {
            return true;
        }
        if (found) {
            borrowed = std::move(*found);
        }
        return borrowed.size() == 1;
    }));
    if (borrowed.empty()) {
        GTEST_SKIP() << "not permitted here";
    }
    EXPECT_TRUE(borrow_connections(server, child.pid())->empty()) << "nobody's";
    EXPECT_FALSE(has_unread(borrowed[0]));
    const char request = 1;
    ASSERT_TRUE(send_message(*client, std::as_bytes(std::span(&request, 1)), nullptr));
    EXPECT_TRUE(has_unread(borrowed[0]));
    cut(borrowed[0]);
    std::byte answer[8];
    const auto received = receive_message(*client, answer);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->bytes, 0u) << "the end";
}

}  // namespace
}  // namespace pf::os
