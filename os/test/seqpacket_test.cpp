#include <pf/os/linux/seqpacket.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>
#include <pf/os/event.hpp>

#include "descriptor_poll.hpp"
#include "private_directory.hpp"
#include "test_support.hpp"

namespace pf::os {
namespace {

class Seqpacket : public testing::Test {
protected:
    Seqpacket() {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        left_ = Handle::adopt(ends[0]);
        right_ = Handle::adopt(ends[1]);
    }

    // As a hostile peer would: any number of descriptors in one message.
    void send_many(std::size_t count, int descriptor) {
        std::array<char, CMSG_SPACE(253 * sizeof(int))> control{};
        char byte = 'x';
        iovec body{&byte, 1};
        msghdr header{};
        header.msg_iov = &body;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        cmsghdr* part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(count * sizeof(int));
        for (std::size_t i = 0; i < count; ++i) {
            std::memcpy(CMSG_DATA(part) + i * sizeof(int), &descriptor, sizeof descriptor);
        }
        ASSERT_EQ(::sendmsg(descriptor_of(left_), &header, 0), 1);
    }

    Handle left_;
    Handle right_;
    std::array<std::byte, 64> buffer_{};
    const std::array<std::byte, 3> message_{std::byte{1}, std::byte{2}, std::byte{3}};
};

TEST_F(Seqpacket, MessagesKeepTheirBounds) {
    ASSERT_TRUE(send_message(left_, message_, nullptr));
    ASSERT_TRUE(send_message(left_, std::span(message_).first(1), nullptr));
    EXPECT_EQ(receive_message(right_, buffer_)->bytes, 3u);
    EXPECT_EQ(buffer_[2], std::byte{3});
    EXPECT_EQ(receive_message(right_, buffer_)->bytes, 1u);
    EXPECT_EQ(receive_message(right_, buffer_).error().reaction, Reaction::retry);
}

TEST_F(Seqpacket, LongMessagesAreFlagged) {
    ASSERT_TRUE(send_message(left_, message_, nullptr));
    const auto received = receive_message(right_, std::span(buffer_).first(2));
    EXPECT_TRUE(received->truncated);
    EXPECT_EQ(received->bytes, 2u);
}

TEST_F(Seqpacket, OneHandleTravels) {
    const auto event = Event::create();
    ASSERT_TRUE(send_message(left_, message_, &event->handle()));
    auto received = receive_message(right_, buffer_);
    ASSERT_EQ(received->handles.size(), 1u);
    EXPECT_FALSE(received->handles_dropped);
    EXPECT_EQ(::fcntl(descriptor_of(received->handles[0]), F_GETFD), FD_CLOEXEC);
    EXPECT_TRUE(Event::adopt(std::move(received->handles[0])));
}

TEST_F(Seqpacket, SurplusHandlesAreClosed) {
    for (const std::size_t count : {2u, 3u, 253u}) {
        const int before = test::open_descriptor_count();
        send_many(count, descriptor_of(left_));
        {
            const auto received = receive_message(right_, buffer_);
            EXPECT_EQ(received->handles.size(), 1u) << count;
            EXPECT_TRUE(received->handles_dropped) << count;
        }
        EXPECT_EQ(test::open_descriptor_count(), before) << count;
    }
}

TEST_F(Seqpacket, DescriptorLimitLosesTheHandleNotTheMessage) {
    send_many(1, descriptor_of(left_));
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{3, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto received = receive_message(right_, buffer_);
    ::setrlimit(RLIMIT_NOFILE, &before);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->bytes, 1u);
    EXPECT_TRUE(received->handles.empty());
    EXPECT_TRUE(received->handles_dropped);
}

TEST_F(Seqpacket, GonePeerIsReopen) {
    right_.reset();
    EXPECT_EQ(send_message(left_, message_, nullptr).error().reaction, Reaction::reopen);
    EXPECT_EQ(receive_message(left_, buffer_)->bytes, 0u);
}

TEST_F(Seqpacket, FullQueueIsRetry) {
    Result<void> sent;
    for (int i = 0; i < 100'000 && sent; ++i) {
        sent = send_message(left_, message_, nullptr);
    }
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().reaction, Reaction::retry);
}

TEST_F(Seqpacket, ListenAcceptConnect) {
    const test::ScopedRuntimeDirectory base;
    const auto directory = open_private_directory(base.path());
    EXPECT_EQ(connect_seqpacket(*directory, "s", test::soon()).error().code, ENOENT);
    auto listener = listen_seqpacket(base.path(), "s");
    ASSERT_TRUE(listener);
    EXPECT_EQ(accept_seqpacket(*listener).error().reaction, Reaction::retry);
    const auto client = connect_seqpacket(*directory, "s", test::soon());
    const auto server = accept_seqpacket(*listener);
    ASSERT_TRUE(client && server);
    EXPECT_EQ(peer_credentials(*client)->pid, current_pid());
    EXPECT_EQ(peer_credentials(*server)->uid, ::geteuid());
    EXPECT_NE(::fcntl(descriptor_of(*client), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(descriptor_of(*server), F_GETFL) & O_NONBLOCK, 0);
    listener->reset();
    EXPECT_EQ(connect_seqpacket(*directory, "s", test::soon()).error().reaction, Reaction::reopen);
    EXPECT_TRUE(listen_seqpacket(base.path(), "s")) << "replaces the one left behind";
}

TEST_F(Seqpacket, FullListenerEndsAtTheDeadline) {
    const test::ScopedRuntimeDirectory base;
    const auto directory = open_private_directory(base.path());
    const auto listener = listen_seqpacket(base.path(), "s");
    ASSERT_EQ(::listen(descriptor_of(*listener), 0), 0);
    std::vector<Handle> waiting;
    Reaction reaction = Reaction::bug;
    for (int i = 0; i < 5; ++i) {
        auto client = connect_seqpacket(*directory, "s", deadline_after(20 * kMillisecond));
        if (!client) {
            reaction = client.error().reaction;
            break;
        }
        waiting.push_back(std::move(*client));
    }
    EXPECT_EQ(reaction, Reaction::retry);
}

}  // namespace
}  // namespace pf::os
