#include "ioctl_server.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include <pf/os/test/open_handles.hpp>
#include <pf/proto/control.hpp>

#include "process/test/serving.hpp"

namespace pf::driver {
namespace {

using test::bytes_of;
using test::eventually;
using test::RawClient;

constexpr std::uint32_t kStatusInsufficientResources = 0xC000009A;  // ntstatus.h

// Plugs nothing, counts.
class CountingSource final : public FrameSource {
public:
    void plug(const core::MonitorSpec&, std::shared_ptr<MonitorOutput>, Completer&& done) override {
        plugged += !refusal;
        done.finish(refusal ? os::Result<void>(tl::unexpected(*refusal)) : os::Result<void>());
    }
    void set_mode(core::MonitorNumber, const core::Mode&, Completer&& done) override {
        done.finish({});
    }
    bool gives(std::uint32_t) const override { return true; }
    void unplug(core::MonitorNumber, Completer&& done) noexcept override {
        --plugged;
        done.finish({});
    }
    std::atomic<int> plugged{0};
    std::optional<os::Error> refusal;  // set before a request, read while it is served
};

os::Handle a_handle() {
    return os::Handle::adopt(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

// Runs `body` in a process of its own; true when it returned true there.
bool in_another_process(const std::function<bool()>& body) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(body() ? 0 : 1);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class IoctlServerTest : public testing::Test {
protected:
    RawClient connect() { return serving_.connect(); }
    static proto::AddRequest add_request(std::uint64_t session) {
        proto::AddRequest request{};
        request.session_id = session;
        request.width = 64;
        request.height = 32;
        request.refresh_hz = 60;
        return request;
    }
    static std::uint32_t status(const std::optional<RawClient::Reply>& reply) {
        return reply ? reply->header.status : 0xDEAD;
    }
    bool answers(RawClient& client) {
        return status(client.control(proto::kIoctlPing, {}, 0)) == proto::kStatusSuccess;
    }

    CountingSource source_;
    HandleTable handles_;
    Runtime runtime_{core::DriverConfig{6, 4711, 1, 0}, handles_, source_,
                     CompletionQueue::create().value()};
    test::Serving serving_{runtime_, handles_};
};

TEST_F(IoctlServerTest, AnswersWithTheRequestsId) {
    RawClient client = connect();
    proto::TransportRequest header = RawClient::request(proto::kTransportControl);
    header.request_id = 0x1234'5678'9ABC'DEF0;
    header.code = proto::kIoctlGetInfo;
    header.reply_capacity = 0xFFFF'FFFF;
    ASSERT_TRUE(client.send(bytes_of(header)));
    const auto reply = client.receive();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->header.magic, proto::kTransportMagic);
    EXPECT_EQ(reply->header.version, proto::kTransportVersion);
    EXPECT_EQ(reply->header.request_id, header.request_id);
    EXPECT_EQ(reply->header.status, proto::kStatusSuccess);
    ASSERT_EQ(reply->payload.size(), sizeof(proto::InfoReply));
    EXPECT_EQ(reply->as<proto::InfoReply>().protocol_version, 6u);
    EXPECT_EQ(reply->as<proto::InfoReply>().watchdog_timeout_s, 10u);
}

TEST_F(IoctlServerTest, StatusesComeThrough) {
    RawClient client = connect();
    const auto call = [&](std::uint32_t code, std::span<const std::byte> in, std::uint32_t out) {
        return status(client.control(code, in, out));
    };
    const proto::AddRequest add = add_request(1);
    EXPECT_EQ(call(proto::kIoctlGetInfo, {}, 7), proto::kStatusBufferTooSmall);
    EXPECT_EQ(call(proto::kIoctlAdd, bytes_of(add).first(23), 24), proto::kStatusInvalidParameter);
    EXPECT_EQ(call(proto::kIoctlAdd, bytes_of(add), 19), proto::kStatusBufferTooSmall);
    EXPECT_EQ(source_.plugged, 0);
    EXPECT_EQ(call(proto::kIoctlAdd, bytes_of(add), 24), proto::kStatusSuccess);
    EXPECT_EQ(source_.plugged, 1);
    EXPECT_EQ(call(proto::kIoctlRemove, bytes_of(proto::RemoveRequest{1}), 0),
              proto::kStatusSuccess);
    EXPECT_EQ(source_.plugged, 0);
    EXPECT_EQ(
        call(proto::kIoctlUpdateModes, bytes_of(proto::UpdateModesRequest{1, 64, 32, 60, 0}), 0),
        proto::kStatusNotFound);
    EXPECT_EQ(call(proto::ctl_code(0x90A), {}, 0), proto::kStatusNotFound);
    EXPECT_EQ(call(0, {}, 0), proto::kStatusNotFound);
}

std::string text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(IoctlServerTest, ARefusalSaysWhyToThoseWhoTakeIt) {
    RawClient client = connect();
    source_.refusal = os::Error{"plug", 0, os::Reaction::reject, "needs 8184 MHz"};
    const auto add = [&](std::uint64_t room) {
        return client.control(proto::kIoctlAdd, bytes_of(add_request(1)), 24, room).value();
    };
    const auto told = add(256);
    EXPECT_EQ(told.header.status, proto::kStatusNotFound);
    EXPECT_EQ(told.header.payload_bytes, 0u);
    EXPECT_EQ(text_of(told.payload), "plug: needs 8184 MHz");
    EXPECT_EQ(told.header.value, told.payload.size() | proto::kTransportReasonFinal);
    const auto cut = add(9);
    EXPECT_EQ(text_of(cut.payload), "plug: nee");
    const auto older = add(0);
    EXPECT_TRUE(older.payload.empty()) << "a host of before knows nothing of it";
    EXPECT_EQ(older.header.value, 0u);
    source_.refusal->reaction = os::Reaction::retry;
    EXPECT_EQ(add(256).header.value, std::string("plug: needs 8184 MHz").size())
        << "another try may do";
    source_.refusal->detail = std::string(1000, 'x');
    EXPECT_EQ(add(0xFFFF'FFFF'FFFF'FFFF).payload.size(), proto::kTransportMaxReason);
    source_.refusal->detail = "\u00e9\u00e9\u00e9";
    EXPECT_EQ(text_of(add(9).payload), "plug: \u00e9") << "no half of a character";
}

TEST_F(IoctlServerTest, CoreSaysWhyToo) {
    RawClient client = connect();
    proto::AddRequest bad = add_request(1);
    bad.refresh_hz = 0;
    EXPECT_EQ(text_of(client.control(proto::kIoctlAdd, bytes_of(bad), 24, 256)->payload),
              "a mode is 1..16384 x 1..16384 pixels at 1..1000 Hz");
    for (std::uint64_t session = 1; session <= 15; ++session) {
        ASSERT_EQ(status(client.control(proto::kIoctlAdd, bytes_of(add_request(session)), 24)),
                  proto::kStatusSuccess);
    }
    const auto full = client.control(proto::kIoctlAdd, bytes_of(add_request(16)), 24, 256);
    EXPECT_EQ(text_of(full->payload), "all 15 monitors are in use; remove one");
    EXPECT_EQ(full->header.value, full->payload.size()) << "one may depart";
}

TEST_F(IoctlServerTest, AShortReplyBufferGetsAShortReply) {
    RawClient client = connect();
    const auto reply = client.control(proto::kIoctlAdd, bytes_of(add_request(1)), 20);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->payload.size(), proto::kAddReplyLegacySize);
    EXPECT_EQ(reply->as<proto::AddReply>().wudf_pid, 4711u);
}

TEST_F(IoctlServerTest, AMalformedMessageEndsItsConnectionOnly) {
    using proto::TransportRequest;
    RawClient other = connect();
    const os::Handle handle = a_handle();
    std::vector<std::byte> surplus(sizeof(TransportRequest) + 8);
    const auto make = [](auto change) {
        TransportRequest header = RawClient::request(proto::kTransportControl);
        header.code = proto::kIoctlPing;
        change(header);
        return header;
    };
    const TransportRequest good = make([](auto&) {});
    std::memcpy(surplus.data(), &good, sizeof good);
    const TransportRequest bad[] = {
        make([](auto& h) { h.magic ^= 1; }),
        make([](auto& h) { h.version = 2; }),
        make([](auto& h) { h.kind = 0; }),
        make([](auto& h) { h.kind = 4; }),
        make([](auto& h) { h.payload_bytes = 1; }),
        make([](auto& h) { h.payload_bytes = 0xFFFF'FFFF; }),
        make([](auto& h) { h.kind = proto::kTransportGiveHandle; }),  // and no handle
    };
    for (const TransportRequest& header : bad) {
        RawClient client = connect();
        ASSERT_TRUE(client.send(bytes_of(header)));
        EXPECT_TRUE(client.is_closed());
    }
    const auto closes_on = [&](std::span<const std::byte> message, const os::Handle* give) {
        RawClient client = connect();
        EXPECT_TRUE(client.send(message, give));
        return client.is_closed();
    };
    EXPECT_TRUE(closes_on(bytes_of(good).first(39), nullptr));
    EXPECT_TRUE(closes_on(surplus, nullptr));
    EXPECT_TRUE(closes_on(std::vector<std::byte>(5000), nullptr));
    EXPECT_TRUE(closes_on(bytes_of(good), &handle));  // a handle nobody asked for
    EXPECT_TRUE(answers(other));
}

TEST_F(IoctlServerTest, GivenHandlesHaveValuesAndOneEnd) {
    RawClient client = connect();
    ASSERT_TRUE(answers(client));  // the driver's ends of it are open now
    const std::size_t before = os::test::open_handles();
    const auto given = client.give(a_handle());
    ASSERT_EQ(status(given), proto::kStatusSuccess);
    EXPECT_NE(given->header.value, 0u);
    EXPECT_EQ(os::test::open_handles(), before + 1);
    EXPECT_EQ(status(client.close_value(given->header.value)), proto::kStatusSuccess);
    EXPECT_EQ(os::test::open_handles(), before);
    EXPECT_EQ(status(client.close_value(given->header.value)), proto::kStatusNotFound);
    EXPECT_EQ(status(client.close_value(0)), proto::kStatusNotFound);
}

TEST_F(IoctlServerTest, TwoHandlesAtOnceAreRefusedAndClosed) {
    RawClient client = connect();
    ASSERT_TRUE(answers(client));
    const os::Handle handle = a_handle();
    const std::size_t before = os::test::open_handles();
    ASSERT_TRUE(
        client.send_two_handles(bytes_of(RawClient::request(proto::kTransportGiveHandle)), handle));
    EXPECT_EQ(status(client.receive()), kStatusInsufficientResources);
    EXPECT_TRUE(eventually([&] { return os::test::open_handles() == before; }));
}

TEST_F(IoctlServerTest, AHostHasItsShareOfHandles) {
    RawClient client = connect();
    ASSERT_TRUE(answers(client));
    const os::Handle handle = a_handle();
    const std::size_t before = os::test::open_handles();
    for (std::size_t i = 0; i < HandleTable::kUsualLimit; ++i) {
        ASSERT_EQ(status(client.give(handle)), proto::kStatusSuccess);
    }
    EXPECT_EQ(status(client.give(handle)), kStatusInsufficientResources);
    client = RawClient("/nonexistent", "control");
    EXPECT_TRUE(eventually([&] { return os::test::open_handles() <= before - 2; }));
}

// Whoever gave it cannot ask for its end any more: its connection ended between the gift and the
// delivery, and the process has another connection.
TEST_F(IoctlServerTest, AConnectionTakesItsHandlesAlong) {
    RawClient stays = connect();
    ASSERT_TRUE(answers(stays));
    const std::size_t before = os::test::open_handles();
    auto gives = std::make_unique<RawClient>(connect());
    const auto given = gives->give(a_handle());
    ASSERT_EQ(status(given), proto::kStatusSuccess);
    const auto kept = stays.give(a_handle());
    ASSERT_EQ(status(kept), proto::kStatusSuccess);
    gives.reset();
    EXPECT_TRUE(eventually([&] { return os::test::open_handles() == before + 1; }));
    EXPECT_EQ(status(stays.close_value(given->header.value)), proto::kStatusNotFound);
    EXPECT_EQ(status(stays.close_value(kept->header.value)), proto::kStatusSuccess);
}

TEST_F(IoctlServerTest, NoProcessReachesAnothersHandles) {
    RawClient client = connect();
    const auto given = client.give(a_handle());
    ASSERT_TRUE(given);
    const auto theirs = client.control(proto::kIoctlAdd, bytes_of(add_request(1)), 24);
    ASSERT_EQ(status(theirs), proto::kStatusSuccess);
    EXPECT_TRUE(in_another_process([&] {
        RawClient other = connect();
        const auto added = other.control(proto::kIoctlAdd, bytes_of(add_request(2)), 24);
        proto::SetFrameChannelRequest request{};
        request.target_id = added->as<proto::AddReply>().target_id;
        request.generation = 1;
        request.ring_len = 1;
        request.header_handle = given->header.value;
        request.event_handle = given->header.value;
        request.texture_handles[0] = given->header.value;
        const bool adopts = status(other.control(proto::kIoctlSetFrameChannel, bytes_of(request),
                                                 0)) == proto::kStatusSuccess;
        request.target_id = theirs->as<proto::AddReply>().target_id;
        const bool reaches = status(other.control(proto::kIoctlSetFrameChannel, bytes_of(request),
                                                  0)) != proto::kStatusNotFound;
        const bool closes = status(other.close_value(given->header.value)) == proto::kStatusSuccess;
        return !adopts && !reaches && !closes;
    }));
    EXPECT_EQ(status(client.close_value(given->header.value)), proto::kStatusSuccess);
    EXPECT_TRUE(eventually([&] { return source_.plugged == 1; }));  // theirs went with them
}

TEST_F(IoctlServerTest, AnUnknownValueLeavesTheRestWithTheGiver) {
    RawClient client = connect();
    const auto added = client.control(proto::kIoctlAdd, bytes_of(add_request(1)), 24);
    const auto given = client.give(a_handle());
    proto::SetFrameChannelRequest request{};
    request.target_id = added->as<proto::AddReply>().target_id;
    request.generation = 1;
    request.ring_len = 1;
    request.header_handle = given->header.value;
    request.event_handle = given->header.value + 1;
    request.texture_handles[0] = given->header.value + 2;
    EXPECT_EQ(status(client.control(proto::kIoctlSetFrameChannel, bytes_of(request), 0)),
              proto::kStatusInvalidParameter);
    EXPECT_EQ(status(client.close_value(given->header.value)), proto::kStatusSuccess);
}

TEST_F(IoctlServerTest, OneProcessHasItsShareOfConnections) {
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < ConnectionLimits{}.per_owner; ++i) {
        clients.push_back(connect());
        ASSERT_TRUE(answers(clients.back())) << i;
    }
    EXPECT_TRUE(connect().is_closed());
    EXPECT_TRUE(in_another_process([&] {
        RawClient other = connect();
        return answers(other);
    }));
    clients.pop_back();
    EXPECT_TRUE(eventually([&] {
        RawClient again = connect();
        return answers(again);
    }));
}

TEST_F(IoctlServerTest, TheLastConnectionTakesItsMonitorsAlong) {
    auto first = std::make_unique<RawClient>(connect());
    auto second = std::make_unique<RawClient>(connect());
    ASSERT_EQ(status(first->control(proto::kIoctlAdd, bytes_of(add_request(1)), 24)),
              proto::kStatusSuccess);
    ASSERT_TRUE(answers(*second));
    first.reset();
    EXPECT_TRUE(answers(*second));
    EXPECT_EQ(source_.plugged, 1);
    second.reset();
    EXPECT_TRUE(eventually([&] { return source_.plugged == 0; }));
}

TEST_F(IoctlServerTest, ADeadHostDepartsAlthoughAChildKeepsItsConnection) {
    int keep[2];
    ASSERT_EQ(pipe2(keep, O_CLOEXEC), 0);
    EXPECT_TRUE(in_another_process([&] {
        RawClient client = connect();
        const bool added = status(client.control(proto::kIoctlAdd, bytes_of(add_request(1)), 24)) ==
                           proto::kStatusSuccess;
        if (fork() == 0) {  // holds the socket until the test closes the pipe
            close(keep[1]);
            char byte;
            (void)!read(keep[0], &byte, 1);
            _exit(0);
        }
        return added;
    }));
    EXPECT_TRUE(eventually([&] { return source_.plugged == 0; }));
    close(keep[0]);
    close(keep[1]);
}

TEST_F(IoctlServerTest, AHostThatDoesNotReadItsRepliesHoldsNobodyUp) {
    RawClient deaf = connect();
    RawClient other = connect();
    proto::TransportRequest header = RawClient::request(proto::kTransportControl);
    header.code = proto::kIoctlPing;
    // The driver drops it when the reply queue is full; until then our own queue may be.
    EXPECT_TRUE(eventually([&] {
        const auto sent = os::send_message(deaf.socket(), bytes_of(header), nullptr);
        return !sent && sent.error().reaction == os::Reaction::reopen;
    }));
    EXPECT_TRUE(answers(other));
}

}  // namespace
}  // namespace pf::driver
