// A source that takes its time, and what the control server does meanwhile.
#include <gtest/gtest.h>

#include <list>
#include <mutex>
#include <thread>

#include <pf/proto/control.hpp>

#include "process/test/serving.hpp"

namespace pf::driver {
namespace {

using test::bytes_of;
using test::eventually;
using test::RawClient;

// Completes nothing before it is told to.
class SlowSource final : public FrameSource {
public:
    void plug(const core::MonitorSpec&, std::shared_ptr<MonitorOutput>, Completer&& done) override {
        keep(plugs_, std::move(done));
    }
    void set_mode(core::MonitorNumber, const core::Mode&, Completer&& done) override {
        keep(modes_, std::move(done));
    }
    bool gives(std::uint32_t) const override { return true; }
    void unplug(core::MonitorNumber, Completer&& done) noexcept override {
        keep(unplugs_, std::move(done));
    }

    // The oldest one that came or that comes.
    bool plugged(const os::Result<void>& result = {}) { return finish(plugs_, result); }
    bool mode_set() { return finish(modes_, {}); }
    bool unplugged() { return finish(unplugs_, {}); }
    std::size_t unplugs() {
        const std::lock_guard locked(mutex_);
        return unplugs_.size();
    }

private:
    void keep(std::list<Completer>& where, Completer&& done) {
        const std::lock_guard locked(mutex_);
        where.push_back(std::move(done));
    }
    bool finish(std::list<Completer>& where, const os::Result<void>& result) {
        return eventually([&] {
            const std::lock_guard locked(mutex_);
            if (where.empty()) {
                return false;
            }
            where.front().finish(result);
            where.pop_front();
            return true;
        });
    }

    std::mutex mutex_;
    std::list<Completer> plugs_, modes_, unplugs_;
};

class LateAnswers : public testing::Test {
protected:
    RawClient connect() { return serving_.connect(); }

    template <typename Request>
    static void send(RawClient& client, std::uint64_t id, std::uint32_t code,
                     const Request& request, std::uint32_t capacity = 0) {
        proto::TransportRequest header = RawClient::request(proto::kTransportControl);
        header.request_id = id;
        header.code = code;
        header.payload_bytes = sizeof request;
        header.reply_capacity = capacity;
        header.value = 256;
        std::vector<std::byte> message(sizeof header + sizeof request);
        std::memcpy(message.data(), &header, sizeof header);
        std::memcpy(message.data() + sizeof header, &request, sizeof request);
        ASSERT_TRUE(client.send(message));
    }
    static void send_add(RawClient& client, std::uint64_t id, std::uint64_t session) {
        send(client, id, proto::kIoctlAdd, proto::AddRequest{session, 64, 32, 60, 0, 0, 0, 0, 0},
             24);
    }
    static std::uint64_t id_of(const std::optional<RawClient::Reply>& reply) {
        return reply ? reply->header.request_id : 0;
    }
    static std::uint32_t ping(RawClient& client) {
        const auto reply = client.control(proto::kIoctlPing, {}, 0);
        return reply ? reply->header.status : 0xDEAD;
    }

    SlowSource source_;
    HandleTable handles_;
    Runtime runtime_{core::DriverConfig{6, 4711, 1, 0}, handles_, source_,
                     CompletionQueue::create().value()};
    test::Serving serving_{runtime_, handles_};
};

TEST_F(LateAnswers, ComeInAnyOrderEachWithItsRequestsId) {
    RawClient client = connect();
    RawClient other = connect();
    send_add(client, 1001, 1);
    send_add(client, 1002, 2);
    EXPECT_EQ(ping(client), proto::kStatusSuccess) << "on the same connection";
    EXPECT_EQ(ping(other), proto::kStatusSuccess);
    send_add(other, 1003, 3);
    EXPECT_TRUE(source_.plugged());
    const auto first = client.receive();
    EXPECT_EQ(id_of(first), 1001u);
    EXPECT_EQ(first->header.status, proto::kStatusSuccess);
    ASSERT_EQ(first->payload.size(), sizeof(proto::AddReply));
    EXPECT_EQ(first->as<proto::AddReply>().wudf_pid, 4711u);
    EXPECT_TRUE(source_.plugged(os::fail("plug", 0, os::Reaction::retry, "no luck")));
    const auto second = client.receive();
    EXPECT_EQ(id_of(second), 1002u);
    EXPECT_EQ(second->header.status, proto::kStatusNotFound);
    EXPECT_EQ(
        std::string(reinterpret_cast<const char*>(second->payload.data()), second->payload.size()),
        "plug: no luck");
    EXPECT_TRUE(source_.plugged());
    EXPECT_EQ(id_of(other.receive()), 1003u);
}

TEST_F(LateAnswers, AModeChangeHoldsNobodyUpAndARemoveWaitsForNothing) {
    RawClient client = connect();
    send_add(client, 1, 1);
    EXPECT_TRUE(source_.plugged());
    ASSERT_EQ(id_of(client.receive()), 1u);
    send(client, 2, proto::kIoctlUpdateModes, proto::UpdateModesRequest{1, 80, 60, 60, 0});
    EXPECT_EQ(ping(client), proto::kStatusSuccess);
    send(client, 3, proto::kIoctlRemove, proto::RemoveRequest{1});
    const auto removed = client.receive();
    const auto changed = client.receive();
    EXPECT_EQ(id_of(removed), 3u);
    EXPECT_EQ(removed->header.status, proto::kStatusSuccess);
    EXPECT_EQ(id_of(changed), 2u) << "nothing stays unanswered";
    EXPECT_EQ(changed->header.status, proto::kStatusNotFound);
    EXPECT_TRUE(source_.mode_set());
    EXPECT_TRUE(source_.unplugged());
    EXPECT_EQ(ping(client), proto::kStatusSuccess);
}

TEST_F(LateAnswers, WhoClosedItsConnectionIsNotAnsweredAndNobodyElseIsInItsPlace) {
    RawClient stays = connect();
    {
        RawClient leaves = connect();
        send_add(leaves, 77, 1);
        ASSERT_EQ(ping(leaves), proto::kStatusSuccess);
    }
    ASSERT_EQ(ping(stays), proto::kStatusSuccess);
    RawClient next = connect();  // has the other one's descriptor, most likely
    ASSERT_EQ(ping(next), proto::kStatusSuccess);
    EXPECT_TRUE(source_.plugged());
    EXPECT_EQ(ping(stays), proto::kStatusSuccess);
    EXPECT_EQ(ping(next), proto::kStatusSuccess) << "a stray answer would come before this one";
    // The process lives and may still want it: it has another connection.
    send(stays, 5, proto::kIoctlUpdateModes, proto::UpdateModesRequest{1, 80, 60, 60, 0});
    EXPECT_TRUE(source_.mode_set());
    EXPECT_EQ(id_of(stays.receive()), 5u);
}

TEST_F(LateAnswers, AHostThatIsGoneMeanwhileLeavesNothing) {
    {
        RawClient only = connect();
        send_add(only, 1, 1);
        ASSERT_EQ(ping(only), proto::kStatusSuccess);
    }
    EXPECT_TRUE(eventually([&] { return source_.unplugs() == 1; }));
    EXPECT_TRUE(source_.plugged());
    EXPECT_TRUE(source_.unplugged());
    RawClient next = connect();
    send_add(next, 2, 1);
    EXPECT_TRUE(source_.plugged());
    const auto added = next.receive();
    ASSERT_EQ(id_of(added), 2u);
    EXPECT_EQ(added->as<proto::AddReply>().resolved_monitor_id, 1u);
}

TEST_F(LateAnswers, OneHostBeginsAsMuchAsThereAreMonitorsAndTheRestIsRefused) {
    RawClient client = connect();
    for (std::uint64_t session = 1; session <= 15; ++session) {
        send_add(client, session, session);
    }
    send_add(client, 16, 16);
    const auto refused = client.receive();
    EXPECT_EQ(id_of(refused), 16u);
    EXPECT_EQ(refused->header.status, proto::kStatusNotFound);
    for (std::uint64_t session = 1; session <= 15; ++session) {
        EXPECT_TRUE(source_.plugged());
        EXPECT_EQ(id_of(client.receive()), session);
    }
}

}  // namespace
}  // namespace pf::driver
