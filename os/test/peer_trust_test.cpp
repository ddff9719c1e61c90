#include <pf/os/peer_trust.hpp>

#include <gtest/gtest.h>

#include "test_support.hpp"

namespace pf::os {
namespace {

TEST(PeerTrust, OneThatTheSystemNamesCanOnlyAgree) {
    PeerTrust peer(*Process::open(current_pid()));
    EXPECT_EQ(peer.process().pid(), current_pid());
    EXPECT_TRUE(peer.trust(current_pid()));
    const auto other = peer.trust(current_pid() + 1);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().reaction, Reaction::reject);
    EXPECT_EQ(peer.process().pid(), current_pid());
}

TEST(PeerTrust, OneWithoutANumberCannotBeContradicted) {
    PeerTrust peer(Process::behind(Handle(), 0));
    EXPECT_TRUE(peer.trust(77));
}

TEST(PeerTrust, IsLearntOnceIfThePolicyTakesIt) {
    int asked = 0;
    PeerTrust peer([&asked](std::uint32_t pid) -> Result<Process> {
        ++asked;
        if (pid != current_pid()) {
            return fail("judge process", 5, Reaction::reject, "a stranger");
        }
        return Process::open(pid);
    });
    EXPECT_FALSE(peer.process());
    EXPECT_EQ(peer.trust(current_pid() + 1).error().detail, "a stranger");
    EXPECT_FALSE(peer.process());
    EXPECT_TRUE(peer.trust(current_pid()));
    EXPECT_EQ(peer.process().pid(), current_pid());
    EXPECT_TRUE(peer.trust(current_pid()));
    EXPECT_FALSE(peer.trust(current_pid() + 1)) << "it is known now";
    EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace pf::os
