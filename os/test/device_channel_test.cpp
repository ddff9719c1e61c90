#include <pf/os/device_channel.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <pf/os/event.hpp>
#include <pf/os/instance_directory.hpp>
#include <pf/os/runtime_dir.hpp>
#include <pf/os/wait.hpp>
#include <pf/proto/control.hpp>

#include "test_driver.hpp"

namespace pf::os {
namespace {

using test::Connection;
using test::Incoming;
using test::Serve;
using test::soon;

constexpr std::uint32_t kEcho = 1;
constexpr std::uint32_t kCountHandles = 7;

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

class DeviceChannelTest : public testing::Test {
protected:
    void serve(const Serve& how) {
        channel_.reset();
        driver_.reset();
        driver_ = test::start_driver("main", how);
        auto opened = DeviceChannel::open("main");
        ASSERT_TRUE(opened) << opened.error().message();
        channel_ = std::move(*opened);
    }

    Result<std::string> echo(const std::string& text, std::int64_t deadline_ns = soon()) {
        std::array<std::byte, 256> reply{};
        return channel_->call(kEcho, bytes_of(text), reply, deadline_ns).map([&](std::size_t n) {
            return std::string(reinterpret_cast<const char*>(reply.data()), n);
        });
    }

    std::uint32_t held_by_driver() {
        std::uint32_t count = UINT32_MAX;
        (void)channel_->call(kCountHandles, {}, std::as_writable_bytes(std::span(&count, 1)),
                             soon());
        return count;
    }

    // The driver answers one echo with `reply`, made from the request's id, and serves on.
    void expect_nonsense(const std::function<void(Connection&, std::uint64_t)>& reply) {
        serve([&](Connection& connection) {
            Incoming in;
            while (connection.receive(in)) {
                reply(connection, in.header.request_id);
            }
        });
        const auto answer = echo("hello");
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().reaction, Reaction::reopen) << answer.error().message();
        EXPECT_EQ(echo("again").error().reaction, Reaction::reopen) << "dead from then on";
    }

    test::ScopedRuntimeDirectory base_;
    std::unique_ptr<test::ForkedChild> driver_;
    std::unique_ptr<DeviceChannel> channel_;
};

TEST_F(DeviceChannelTest, RoundTrip) {
    const int before = test::open_descriptor_count();
    serve(test::serve_properly);
    EXPECT_EQ(*echo("hello"), "hello");
    EXPECT_EQ(*echo(""), "");
    EXPECT_EQ(*echo(std::string(256, 'x')), std::string(256, 'x'));
    EXPECT_EQ(echo(std::string(257, 'x')).error().reaction, Reaction::bug);
    EXPECT_EQ(channel_->driver_process().pid(), driver_->pid());
    channel_.reset();
    EXPECT_EQ(test::open_descriptor_count(), before);
}

TEST_F(DeviceChannelTest, ReplyFitsTheCaller) {
    serve(test::serve_properly);
    std::array<std::byte, 4> small{};
    EXPECT_EQ(*channel_->call(kEcho, bytes_of("abcdefgh"), std::span(small).first(2), soon()), 2u);
    EXPECT_EQ(small[2], std::byte{0});
    EXPECT_EQ(*channel_->call(kEcho, bytes_of("abcdefgh"), {}, soon()), 0u);
}

TEST_F(DeviceChannelTest, StatusBecomesAnError) {
    serve([](Connection& connection) {
        Incoming in;
        while (connection.receive(in)) {
            connection.reply(in.header.request_id, in.header.code == proto::kIoctlAdd
                                                       ? proto::kStatusNotFound
                                                       : proto::kStatusInvalidParameter);
        }
    });
    const auto add = channel_->call(proto::kIoctlAdd, {}, {}, soon());
    EXPECT_EQ(add.error().code, proto::kStatusNotFound);
    EXPECT_EQ(add.error().reaction, Reaction::retry);
    EXPECT_STREQ(add.error().operation, "Add");
    const auto remove = channel_->call(proto::kIoctlRemove, {}, {}, soon());
    EXPECT_EQ(remove.error().reaction, Reaction::reject);
}

TEST_F(DeviceChannelTest, ARefusalCarriesTheDriversWords) {
    serve([](Connection& connection) {
        Incoming in;
        while (connection.receive(in)) {
            const std::string reason = "needs 8184 MHz\x1b[2J";
            connection.refuse(
                in.header.request_id,
                in.header.code == kEcho ? proto::kStatusSuccess : proto::kStatusNotFound, reason,
                reason.size() | proto::kTransportReasonFinal);
        }
    });
    const auto add = channel_->call(proto::kIoctlAdd, {}, {}, soon());
    EXPECT_EQ(add.error().code, proto::kStatusNotFound);
    EXPECT_EQ(add.error().reaction, Reaction::reject);
    EXPECT_EQ(add.error().detail, "needs 8184 MHz [2J") << "and nothing that a terminal obeys";
    Remark remark;
    EXPECT_TRUE(channel_->call(kEcho, {}, {}, soon(), &remark)) << "a success with a remark";
    EXPECT_EQ(remark.line, "needs 8184 MHz [2J");
    EXPECT_TRUE(remark.final);
}

TEST_F(DeviceChannelTest, AReasonIsAsLongAsItSays) {
    for (const std::uint64_t announced : {0u, 4u, 6u, 0xFFFFu}) {
        expect_nonsense([announced](Connection& connection, std::uint64_t id) {
            connection.refuse(id, proto::kStatusNotFound, "a why", announced);
        });
    }
    expect_nonsense([](Connection& connection, std::uint64_t id) {
        connection.refuse(id, proto::kStatusNotFound, std::string(257, 'x'), 257);
    });
}

TEST_F(DeviceChannelTest, GivesAndClosesHandles) {
    serve(test::serve_properly);
    const auto event = Event::create();
    const int before = test::open_descriptor_count();
    const auto value = channel_->give(*event, soon());
    ASSERT_TRUE(value);
    EXPECT_EQ(*value, 1000u);
    EXPECT_EQ(held_by_driver(), 1u);
    EXPECT_TRUE(channel_->close_remote(*value, soon()));
    EXPECT_EQ(held_by_driver(), 0u);
    EXPECT_EQ(channel_->close_remote(*value, soon()).error().reaction, Reaction::reject);
    EXPECT_EQ(channel_->give(Event(), soon()).error().reaction, Reaction::bug);
    EXPECT_EQ(test::open_descriptor_count(), before);
}

TEST_F(DeviceChannelTest, GivenHandleIsTheSameObject) {
    serve([](Connection& connection) {
        Incoming in;
        while (connection.receive(in)) {
            if (in.handles.size() == 1) {
                const auto event = Event::adopt(std::move(in.handles[0]));
                connection.reply(in.header.request_id, 0, {}, 5);
                event->signal();
            }
        }
    });
    const auto event = Event::create();
    ASSERT_TRUE(channel_->give(*event, soon()));
    EXPECT_TRUE(wait({*event}, soon()));
}

// A driver that holds back its answers until it is told to go on by a second request.
void answer_late(Connection& connection) {
    Incoming first;
    Incoming second;
    if (!connection.receive(first) || !connection.receive(second)) {
        return;
    }
    connection.reply(first.header.request_id, 0, bytes_of("late"));
    connection.reply(second.header.request_id, 0, bytes_of("right"));
    test::serve_properly(connection);
}

TEST_F(DeviceChannelTest, LateReplyIsDiscarded) {
    serve(answer_late);
    const auto timed_out = echo("one", deadline_after(5 * kMillisecond));
    ASSERT_FALSE(timed_out);
    EXPECT_EQ(timed_out.error().code, DeviceChannel::kTimeout);
    EXPECT_EQ(timed_out.error().reaction, Reaction::retry);
    EXPECT_NE(timed_out.error().message().find("driver did not answer within"), std::string::npos);
    EXPECT_EQ(*echo("two"), "right");
    EXPECT_EQ(*echo("three"), "three");
}

TEST_F(DeviceChannelTest, LateGiveIsClosedAgain) {
    serve([](Connection& connection) {
        Incoming give;
        Incoming other;
        Incoming close;
        connection.receive(give);
        connection.receive(other);
        connection.reply(give.header.request_id, 0, {}, 77);
        connection.reply(other.header.request_id, 0);
        connection.receive(close);
        const bool right =
            close.header.kind == proto::kTransportCloseHandle && close.header.value == 77;
        connection.reply(close.header.request_id, 0);
        while (connection.receive(other)) {
            connection.reply(other.header.request_id, 0, bytes_of(right ? "closed" : "wrong"));
        }
    });
    const auto event = Event::create();
    EXPECT_EQ(channel_->give(*event, deadline_after(kMillisecond)).error().code,
              DeviceChannel::kTimeout);
    EXPECT_TRUE(echo(""));
    EXPECT_EQ(*echo("?"), "closed");
}

TEST_F(DeviceChannelTest, StoppedDriverTimesOutAndResumes) {
    serve(test::serve_properly);
    driver_->send_signal(SIGSTOP);
    ASSERT_GT(::waitpid(static_cast<pid_t>(driver_->pid()), nullptr, WUNTRACED), 0);
    std::int64_t code = 0;
    for (int i = 0; i < 1000; ++i) {  // until the socket's queue is full as well
        code = echo(std::string(256, 'x'), 0).error().code;
        ASSERT_EQ(code, DeviceChannel::kTimeout);
    }
    EXPECT_TRUE(channel_->driver_process().alive());
    EXPECT_TRUE(DeviceChannel::open("main")) << "the kernel takes the connection";
    driver_->send_signal(SIGCONT);
    EXPECT_EQ(*echo("hello"), "hello");
}

// Answers what comes at once, and what has five bytes at the word "go".
void answer_five_bytes_later(Connection& connection) {
    Incoming in;
    std::uint64_t held = 0;
    while (connection.receive(in)) {
        const auto payload = std::span(in.payload).first(in.header.payload_bytes);
        if (payload.size() == 5) {
            held = in.header.request_id;
            continue;
        }
        connection.reply(in.header.request_id, 0, payload);
        if (payload.size() == 2 && held != 0) {
            connection.reply(std::exchange(held, 0), 0, bytes_of("at last"));
        }
    }
}

TEST_F(DeviceChannelTest, ASlowCallHoldsUpNoOther) {
    serve(answer_five_bytes_later);
    std::atomic<bool> answered{false};
    std::thread slow([&] {
        EXPECT_EQ(*echo("slow!", kNever), "at last");
        answered = true;
    });
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(*echo("ping"), "ping");
    }
    EXPECT_FALSE(answered);
    EXPECT_TRUE(test::eventually([&] { return *echo("go") == "go" && answered; }));
    slow.join();
}

TEST_F(DeviceChannelTest, StuckCallHoldsNobodyPastTheirDeadline) {
    serve([](Connection& connection) {
        Incoming in;
        while (connection.receive(in)) {  // and never answers
        }
    });
    std::thread stuck([&] { EXPECT_FALSE(echo("", kNever)); });
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(echo("", deadline_after(kMillisecond)).error().code, DeviceChannel::kTimeout);
    }
    driver_->kill_and_reap();
    stuck.join();
}

TEST_F(DeviceChannelTest, ASetFlagEndsACallAtOnce) {
    serve(answer_late);
    const Flag cancel = *Flag::create();
    std::thread canceller([&] { cancel.set(); });
    const auto cancelled = channel_->call(kEcho, bytes_of("one"), {}, {kNever, &cancel});
    canceller.join();
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, DeviceChannel::kCancelled);
    EXPECT_TRUE(DeviceChannel::unanswered(cancelled.error()));
    EXPECT_EQ(channel_->call(kEcho, {}, {}, {soon(), &cancel}).error().code,
              DeviceChannel::kCancelled)
        << "and is not sent any more";
}

// Whoever receives for all leaves; another of those who wait goes on.
TEST_F(DeviceChannelTest, TheNextReceivesWhenTheReceiverLeaves) {
    serve([](Connection& connection) {
        Incoming in;
        std::vector<std::uint64_t> held;
        while (connection.receive(in)) {
            held.push_back(in.header.request_id);
            if (in.header.payload_bytes == 0) {
                for (const std::uint64_t id : held) {
                    connection.reply(id, 0, bytes_of("all"));
                }
            }
        }
    });
    const Flag cancel = *Flag::create();
    std::vector<std::thread> threads;
    std::atomic<int> cancelled{0};
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            std::array<std::byte, 8> reply{};
            const auto done = channel_->call(kEcho, bytes_of("x"), reply,
                                             {kNever, i % 2 == 0 ? &cancel : nullptr});
            cancelled += !done && done.error().code == DeviceChannel::kCancelled ? 1 : 0;
        });
    }
    cancel.set();
    EXPECT_TRUE(test::eventually([&] { return cancelled == 4; }));
    // Again until the last of the others is there: its request may come behind this one.
    std::atomic<bool> done{false};
    std::thread ends([&] {
        while (!done) {
            EXPECT_EQ(*echo(""), "all");
        }
    });
    for (std::thread& thread : threads) {
        thread.join();
    }
    done = true;
    ends.join();
}

TEST_F(DeviceChannelTest, GivesAreAllSentBeforeTheFirstAnswer) {
    serve([](Connection& connection) {
        std::array<Incoming, 3> gifts;
        for (Incoming& gift : gifts) {
            connection.receive(gift);
        }
        for (std::size_t i = gifts.size(); i-- > 0;) {
            connection.reply(gifts[i].header.request_id, 0, {}, 10 + i);
        }
    });
    const Event event = *Event::create();
    const Region region = *Region::create(4096, "test");
    const Gift gifts[] = {event, region, event};
    EXPECT_EQ(channel_->give_all(gifts, soon()).value(), (std::vector<std::uint64_t>{10, 11, 12}));
    EXPECT_TRUE(channel_->give_all({}, soon()).value().empty());
}

TEST_F(DeviceChannelTest, AGiftThatIsRefusedTakesTheOthersBack) {
    serve([](Connection& connection) {
        Incoming in;
        std::uint32_t held = 0;
        std::uint64_t value = 0;
        while (connection.receive(in)) {
            const std::uint64_t id = in.header.request_id;
            if (in.header.kind == proto::kTransportControl) {
                connection.reply(id, 0, std::as_bytes(std::span(&held, 1)));
            } else if (in.header.kind == proto::kTransportCloseHandle) {
                held -= 1;
                connection.reply(id, 0);
            } else if (++value == 2) {
                connection.reply(id, 0xC000009A);
            } else {
                held += 1;
                connection.reply(id, 0, {}, value);
            }
        }
    });
    const Event event = *Event::create();
    const Gift gifts[] = {event, event, event};
    const auto given = channel_->give_all(gifts, soon());
    ASSERT_FALSE(given);
    EXPECT_EQ(given.error().code, 0xC000009A);
    EXPECT_EQ(held_by_driver(), 0u);
    EXPECT_EQ(channel_->give_all(gifts, soon())->size(), 3u);
    EXPECT_EQ(held_by_driver(), 3u);
}

TEST_F(DeviceChannelTest, AGiftWithoutAValueIsNotGiven) {
    serve([](Connection& connection) {
        Incoming in;
        while (connection.receive(in)) {
            connection.reply(in.header.request_id, 0, {}, 0);
        }
    });
    EXPECT_EQ(channel_->give(*Event::create(), soon()).error().reaction, Reaction::reject);
}

TEST_F(DeviceChannelTest, OnlyTheProcessThatTheKernelNamesIsTrusted) {
    serve(test::serve_properly);
    EXPECT_TRUE(channel_->trust(driver_->pid()));
    const auto stranger = channel_->trust(driver_->pid() + 1);
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().reaction, Reaction::reject);
    EXPECT_EQ(channel_->driver_process().pid(), driver_->pid());
}

// Who takes a value back from a slow driver leaves at its deadline; the value goes all the same,
// and once.
TEST_F(DeviceChannelTest, AValueThatCouldNotBeTakenBackInTimeIsTakenBackLater) {
    serve(test::serve_properly);
    const auto event = Event::create();
    const auto value = channel_->give(*event, soon());
    ASSERT_TRUE(value);
    driver_->send_signal(SIGSTOP);
    ASSERT_GT(::waitpid(static_cast<pid_t>(driver_->pid()), nullptr, WUNTRACED), 0);
    std::atomic<bool> begun{false};
    std::thread waits([&] {
        begun = true;
        EXPECT_EQ(*echo("slow"), "slow");
    });
    EXPECT_TRUE(test::eventually([&] { return begun.load(); }));
    sleep_until(deadline_after(20 * kMillisecond));  // it waits by now, most likely
    EXPECT_EQ(channel_->close_remote(*value, 0).error().code, DeviceChannel::kTimeout);
    driver_->send_signal(SIGCONT);
    waits.join();
    ASSERT_EQ(*echo("any"), "any");
    EXPECT_EQ(channel_->close_remote(*value, soon()).error().reaction, Reaction::reject);
}

TEST_F(DeviceChannelTest, EveryThreadGetsItsOwnAnswer) {
    serve(test::serve_properly);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int k = 0; k < 100; ++k) {
                const std::string text = std::to_string(i * 1000 + k);
                EXPECT_EQ(*echo(text), text);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

TEST_F(DeviceChannelTest, KilledDriverIsReopenAtOnce) {
    serve(test::serve_properly);
    std::thread killer([&] { driver_->send_signal(SIGKILL); });
    Result<std::string> answer = std::string();
    while (answer) {
        answer = echo("hello", kNever);
    }
    killer.join();
    EXPECT_EQ(answer.error().reaction, Reaction::reopen);
    EXPECT_EQ(echo("", kNever).error().reaction, Reaction::reopen);
    EXPECT_EQ(channel_->close_remote(1, kNever).error().reaction, Reaction::reopen);
    const auto event = Event::create();
    EXPECT_EQ(channel_->give(*event, kNever).error().reaction, Reaction::reopen);
    EXPECT_TRUE(test::eventually([&] { return !channel_->driver_process().alive(); }));
    EXPECT_EQ(DeviceChannel::open("main").error().reaction, Reaction::reopen);
}

TEST_F(DeviceChannelTest, DeathDuringACallIsReopen) {
    serve([](Connection& connection) {
        Incoming in;
        connection.receive(in);
        ::_exit(0);
    });
    EXPECT_EQ(echo("hello", kNever).error().reaction, Reaction::reopen);
}

// A connection that outlives its driver in another process does not hide the death.
TEST_F(DeviceChannelTest, LeakedConnectionDoesNotHideDeath) {
    const std::string pid_file = base_.path() + "/pid";
    serve([&](Connection& connection) {
        Incoming in;
        connection.receive(in);
        const pid_t heir = ::fork();
        if (heir == 0) {
            for (;;) {
                ::pause();
            }
        }
        std::ofstream(pid_file) << heir << std::endl;
        ::_exit(0);
    });
    EXPECT_EQ(echo("hello", kNever).error().reaction, Reaction::reopen);
    std::uint32_t heir = 0;
    std::ifstream(pid_file) >> heir;
    EXPECT_TRUE(stop_process(*Process::open(heir), StopHow::kill));
}

TEST_F(DeviceChannelTest, NonsenseKillsTheChannel) {
    const auto message = [](std::uint64_t id) {
        return proto::TransportReply{proto::kTransportMagic, proto::kTransportVersion, id, 0, 0, 0};
    };
    const auto send = [](Connection& connection, const proto::TransportReply& reply,
                         std::size_t bytes = sizeof(proto::TransportReply)) {
        std::vector<std::byte> raw(std::max(bytes, sizeof reply));
        std::memcpy(raw.data(), &reply, sizeof reply);
        connection.send_raw(std::span(raw).first(bytes));
    };
    expect_nonsense([](Connection& c, std::uint64_t) { c.send_raw(bytes_of("HTTP/1.1 400 Bad")); });
    expect_nonsense([&](Connection& c, std::uint64_t id) { send(c, message(id), 31); });
    expect_nonsense([&](Connection& c, std::uint64_t id) { send(c, message(id), 33); });
    expect_nonsense([&](Connection& c, std::uint64_t id) { send(c, message(id), 32 + 257); });
    expect_nonsense([&](Connection& c, std::uint64_t id) { send(c, message(id + 1)); });
    expect_nonsense([&](Connection& c, std::uint64_t) { send(c, message(0)); });
    expect_nonsense([&](Connection& c, std::uint64_t id) {
        auto reply = message(id);
        reply.magic = 1;
        send(c, reply);
    });
    expect_nonsense([&](Connection& c, std::uint64_t id) {
        auto reply = message(id);
        reply.version = 2;
        send(c, reply);
    });
    expect_nonsense([&](Connection& c, std::uint64_t id) {
        auto reply = message(id);
        reply.payload_bytes = UINT32_MAX;
        send(c, reply);
    });
    expect_nonsense([&](Connection& c, std::uint64_t) { c.send_raw({}); });
}

TEST_F(DeviceChannelTest, MoreThanAskedForIsNonsense) {
    serve([](Connection& connection) {
        Incoming in;
        while (connection.receive(in)) {
            connection.reply(in.header.request_id, 0, bytes_of("surplus"));
        }
    });
    std::array<std::byte, 4> four{};
    EXPECT_EQ(channel_->call(kEcho, {}, four, soon()).error().reaction, Reaction::reopen);
}

TEST_F(DeviceChannelTest, UnaskedDescriptorsAreClosed) {
    expect_nonsense([](Connection& connection, std::uint64_t id) {
        const proto::TransportReply reply{
            proto::kTransportMagic, proto::kTransportVersion, id, 0, 0, 0};
        const auto event = Event::create();
        connection.send_raw(std::as_bytes(std::span(&reply, 1)), &event->handle());
    });
    channel_.reset();
    const int before = test::open_descriptor_count();
    driver_.reset();
    EXPECT_EQ(test::open_descriptor_count(), before);
}

TEST_F(DeviceChannelTest, FloodOfLateRepliesEndsAtTheDeadline) {
    serve([](Connection& connection) {
        Incoming in;
        connection.receive(in);
        for (;;) {
            connection.receive(in);
            for (;;) {
                connection.reply(1, 0);
            }
        }
    });
    EXPECT_EQ(echo("", 0).error().code, DeviceChannel::kTimeout);
    EXPECT_EQ(echo("", deadline_after(20 * kMillisecond)).error().code, DeviceChannel::kTimeout);
}

TEST_F(DeviceChannelTest, AbsentAndSilentInstances) {
    const int before = test::open_descriptor_count();
    EXPECT_EQ(DeviceChannel::open("main").error().reaction, Reaction::reopen);
    {
        auto instance = InstanceDirectory::acquire("main");
        EXPECT_EQ(DeviceChannel::open("main").error().reaction, Reaction::reopen);
        (void)instance->listen();  // and closed at once
        EXPECT_EQ(DeviceChannel::open("main").error().reaction, Reaction::reopen);
    }
    std::ofstream(runtime_directory() + "/main/control") << "no socket";
    EXPECT_EQ(DeviceChannel::open("main").error().reaction, Reaction::reopen);
    EXPECT_EQ(test::open_descriptor_count(), before);
}

TEST_F(DeviceChannelTest, AnotherProcessThanTheDriversIsRefused) {
    serve(test::serve_properly);
    channel_.reset();
    // This process puts its own socket where the living driver's was.
    const auto listener = listen_seqpacket(runtime_directory() + "/main", "control");
    ASSERT_TRUE(listener);
    const auto opened = DeviceChannel::open("main");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reaction, Reaction::reopen);
    EXPECT_NE(opened.error().message().find("is its driver"), std::string::npos);
}

TEST_F(DeviceChannelTest, AnotherUserIsRefused) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can become another user";
    }
    auto instance = InstanceDirectory::acquire("main");
    const auto listener = instance->listen();
    int ready[2];
    ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    test::ForkedChild foreign([&] {
        char became = 0;
        if (::seteuid(65534) == 0) {
            // Listening again records who does.
            became = ::listen(static_cast<int>(listener->native()), 5) == 0 ? 1 : 0;
        }
        (void)!::write(ready[1], &became, 1);
        ::pause();
    });
    char became = 0;
    ASSERT_EQ(::read(ready[0], &became, 1), 1);
    ASSERT_EQ(became, 1);
    const auto opened = DeviceChannel::open("main");
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message().find("user 65534"), std::string::npos)
        << opened.error().message();
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_F(DeviceChannelTest, ThousandConnectionsLeakNothing) {
    serve(test::serve_properly);
    channel_.reset();
    const int before = test::open_descriptor_count();
    for (int i = 0; i < 1000; ++i) {
        auto opened = DeviceChannel::open("main");
        ASSERT_TRUE(opened) << i << ": " << opened.error().message();
        channel_ = std::move(*opened);
        ASSERT_EQ(*echo("x"), "x");
        channel_.reset();
    }
    EXPECT_EQ(test::open_descriptor_count(), before);
}

}  // namespace
}  // namespace pf::os
