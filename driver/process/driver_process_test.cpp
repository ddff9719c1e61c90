// The driver as a process: what a host sees of it, and what is left when it ends.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include <pf/os/device_channel.hpp>
#include <pf/os/process.hpp>
#include <pf/proto/control.hpp>

#include "process/test/bytes_of.hpp"
#include "process/test/hand_ring.hpp"
#include "process/test/scratch.hpp"

namespace pf::driver {
namespace {

using test::bytes_of;
using test::eventually;
using test::HandRing;
using Arguments = std::vector<std::string>;

std::int64_t soon() {
    return os::deadline_after(30 * os::kSecond);
}

class DriverProcessTest : public testing::Test {
protected:
    void SetUp() override { setenv("XDG_RUNTIME_DIR", directory_.path().c_str(), 1); }

    os::ChildProcess spawn(const Arguments& more) {
        os::ChildProcess::Options options;
        options.arguments = {PF_DRIVER_PROGRAM};
        options.arguments.insert(options.arguments.end(), more.begin(), more.end());
        options.output_file = log_path();
        options.die_with_parent = true;
        auto child = os::ChildProcess::spawn(options);
        EXPECT_TRUE(child) << child.error().message();
        return std::move(*child);
    }
    os::ChildProcess start(const Arguments& more = {}) {
        Arguments all{"--instance", "main", "--source", "pattern", "--log-level", "debug"};
        all.insert(all.end(), more.begin(), more.end());
        os::ChildProcess child = spawn(all);
        EXPECT_TRUE(eventually([&] {
            const os::Instance seen = instance();
            return seen.state == os::InstanceState::active && seen.pid == child.process().pid();
        })) << log();
        return child;
    }
    int exit_code(os::ChildProcess& child) {
        EXPECT_TRUE(child.wait_exit(soon()));
        EXPECT_TRUE(child.exit_status().exited);
        return child.exit_status().code;
    }
    static os::Instance instance(const std::string& name = "main") {
        const auto all = os::list_instances();
        for (const os::Instance& one : all ? *all : std::vector<os::Instance>{}) {
            if (one.name == name) {
                return one;
            }
        }
        return {};
    }
    std::string log_path() const { return directory_.path() + "/driver.log"; }
    std::string log() const {
        std::ostringstream text;
        text << std::ifstream(log_path()).rdbuf();
        return text.str();
    }

    static std::unique_ptr<os::DeviceChannel> open() {
        auto channel = os::DeviceChannel::open("main");
        EXPECT_TRUE(channel) << channel.error().message();
        return channel ? std::move(*channel) : nullptr;
    }
    static os::Result<proto::AddReply> add(os::DeviceChannel& channel, std::uint64_t session,
                                           std::uint32_t width = 320, std::uint32_t height = 200,
                                           std::uint32_t refresh_hz = 240) {
        proto::AddRequest request{};
        request.session_id = session;
        request.width = width;
        request.height = height;
        request.refresh_hz = refresh_hz;
        proto::AddReply reply{};
        const auto done = channel.call(proto::kIoctlAdd, bytes_of(request),
                                       std::as_writable_bytes(std::span(&reply, 1)), soon());
        if (!done) {
            return tl::unexpected(done.error());
        }
        return reply;
    }
    static os::Result<std::size_t> deliver(os::DeviceChannel& channel, const HandRing& ring) {
        const auto request = ring.give_to(channel);
        if (!request) {
            return tl::unexpected(request.error());
        }
        return channel.call(proto::kIoctlSetFrameChannel, bytes_of(*request), {}, soon());
    }
    static test::RingPlan plan_for(const proto::AddReply& added) {
        return {.target_id = added.target_id, .width = 320, .height = 200};
    }

    test::ScratchDirectory directory_;
};

class EveryDriver : public DriverProcessTest, public testing::WithParamInterface<Arguments> {};

TEST_P(EveryDriver, FramesArriveWhole) {
    os::ChildProcess driver = start(GetParam());
    auto channel = open();
    ASSERT_TRUE(channel);
    EXPECT_EQ(channel->driver_process().pid(), driver.process().pid());
    const auto added = add(*channel, 1);
    ASSERT_TRUE(added) << added.error().message();
    EXPECT_EQ(added->wudf_pid, driver.process().pid());
    HandRing ring(plan_for(*added));
    ASSERT_TRUE(deliver(*channel, ring));
    for (int i = 0; i < 60; ++i) {
        const auto taken = ring.wait_frame(soon());
        ASSERT_TRUE(taken);
        EXPECT_TRUE(ring.verify(*taken).whole);
        ring.release(*taken);
    }
}

INSTANTIATE_TEST_SUITE_P(Driver, EveryDriver,
                         testing::Values(Arguments{}, Arguments{"--pattern", "zero-copy"},
                                         Arguments{"--pattern", "small-damage"},
                                         Arguments{"--protocol", "2"},
                                         Arguments{"--protocol", "4"}));

TEST_F(DriverProcessTest, AnOldDriverAnswersShort) {
    os::ChildProcess driver = start({"--protocol", "2"});
    auto channel = open();
    proto::InfoReply info{};
    ASSERT_TRUE(channel->call(proto::kIoctlGetInfo, {}, std::as_writable_bytes(std::span(&info, 1)),
                              soon()));
    EXPECT_EQ(info.protocol_version, 2u);
    proto::AddRequest request{};
    request.session_id = 1;
    request.width = request.height = request.refresh_hz = 60;
    std::array<std::byte, 64> reply;
    const auto bytes = channel->call(proto::kIoctlAdd, bytes_of(request), reply, soon());
    ASSERT_TRUE(bytes);
    EXPECT_EQ(*bytes, proto::kAddReplyLegacySize);
    const proto::UpdateModesRequest update{1, 64, 64, 60, 0};
    const auto missing = channel->call(proto::kIoctlUpdateModes, bytes_of(update), {}, soon());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, std::int64_t{proto::kStatusNotFound});
}

TEST_F(DriverProcessTest, AKilledDriverLeavesAStaleInstanceThatTheNextTakesOver) {
    os::ChildProcess driver = start();
    auto channel = open();
    HandRing ring(plan_for(*add(*channel, 1)));
    ASSERT_TRUE(deliver(*channel, ring));
    ASSERT_TRUE(ring.wait_frame(soon()));
    driver.stop(os::StopHow::kill);
    ASSERT_TRUE(driver.wait_exit(soon()));
    EXPECT_EQ(instance().state, os::InstanceState::stale);
    const auto lost = channel->call(proto::kIoctlPing, {}, {}, soon());
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().reaction, os::Reaction::reopen);
    os::ChildProcess next = start();
    EXPECT_TRUE(open());
}

TEST_F(DriverProcessTest, AnOrderlyStopSaysSo) {
    os::ChildProcess driver = start();
    auto channel = open();
    ASSERT_TRUE(add(*channel, 1));
    driver.stop(os::StopHow::ask);
    EXPECT_EQ(exit_code(driver), 0);
    EXPECT_EQ(instance().state, os::InstanceState::stopped);
    EXPECT_EQ(instance().pid, 0u);
}

TEST_F(DriverProcessTest, AnInstanceHasOneDriver) {
    os::ChildProcess driver = start();
    os::ChildProcess second = spawn({"--instance", "main", "--source", "pattern"});
    EXPECT_EQ(exit_code(second), 3);
    EXPECT_NE(log().find("pf-vdisplay-driver: instance 'main' cannot start"), std::string::npos);
    EXPECT_EQ(instance().state, os::InstanceState::active);
    EXPECT_EQ(instance().pid, driver.process().pid());
    EXPECT_TRUE(open());
}

TEST_F(DriverProcessTest, AWrongCommandLineIsToldApart) {
    for (const Arguments& wrong :
         {Arguments{}, Arguments{"--instance", "../up"}, Arguments{"--instance", ""},
          Arguments{"--instance", "a", "--protocol", "8"},
          Arguments{"--instance", "a", "--source", "tape"},
          Arguments{"--instance", "a", "--pattern", "dots"},
          Arguments{"--instance", "a", "--source", "pattern", "surplus"}}) {
        os::ChildProcess child = spawn(wrong);
        EXPECT_EQ(exit_code(child), 2) << testing::PrintToString(wrong);
    }
    for (const char* question : {"--help", "--version"}) {
        os::ChildProcess child = spawn({question});
        EXPECT_EQ(exit_code(child), 0) << question;
    }
}

TEST_F(DriverProcessTest, MonitorsAreListed) {
    os::ChildProcess driver = start({"--protocol", "5"});
    auto channel = open();
    ASSERT_TRUE(add(*channel, 1));
    ASSERT_EQ(instance().monitors.size(), 1u);
    EXPECT_NE(instance().monitors[0].find("320x200@240"), std::string::npos);
    EXPECT_EQ(instance().protocol, 5u);
    channel.reset();
    EXPECT_TRUE(eventually([&] { return instance().monitors.empty(); }));
}

TEST_F(DriverProcessTest, NothingIsLeftInTheDriver) {
    os::ChildProcess driver = start();
    auto channel = open();
    const std::string pid = std::to_string(driver.process().pid());
    ASSERT_TRUE(channel->call(proto::kIoctlPing, {}, {}, soon()));
    const std::size_t before = test::open_descriptors(pid);
    for (std::uint64_t i = 0; i < 60; ++i) {
        const auto added = add(*channel, i);
        ASSERT_TRUE(added);
        HandRing ring(plan_for(*added));
        ASSERT_TRUE(deliver(*channel, ring));
        ASSERT_TRUE(deliver(*channel, ring));  // replaces the first
        HandRing foreign({.target_id = added->target_id + 1, .width = 320, .height = 200});
        EXPECT_FALSE(deliver(*channel, foreign));  // its values stay ours, and go with us
        HandRing stale(plan_for(*added));
        stale.header().base.base.magic = 0;
        EXPECT_TRUE(deliver(*channel, stale));
        const proto::RemoveRequest remove{i};
        ASSERT_TRUE(channel->call(proto::kIoctlRemove, bytes_of(remove), {}, soon()));
    }
    EXPECT_EQ(test::open_descriptors(pid), before + 60 * 8);
    channel.reset();
    channel = open();
    ASSERT_TRUE(channel->call(proto::kIoctlPing, {}, {}, soon()));
    EXPECT_TRUE(eventually([&] { return test::open_descriptors(pid) == before; }))
        << test::open_descriptors(pid) << " of " << before;
}

// One monitor's frames never show in another's ring, at different sizes and rates.
TEST_F(DriverProcessTest, FifteenMonitorsKeepApart) {
    os::ChildProcess driver = start({"--pattern", "zero-copy"});
    auto channel = open();
    std::vector<std::unique_ptr<HandRing>> rings;
    for (std::uint32_t i = 0; i < 15; ++i) {
        const auto added = add(*channel, i, 64 + 8 * i, 40 + i, 30 + i);
        ASSERT_TRUE(added);
        rings.push_back(std::make_unique<HandRing>(
            test::RingPlan{.target_id = added->target_id, .width = 64 + 8 * i, .height = 40 + i}));
        ASSERT_TRUE(deliver(*channel, *rings.back()));
    }
    const auto sixteenth = add(*channel, 99);
    ASSERT_FALSE(sixteenth);
    EXPECT_EQ(sixteenth.error().code, std::int64_t{proto::kStatusNotFound});
    for (int round = 0; round < 10; ++round) {
        for (auto& ring : rings) {
            const auto taken = ring->wait_frame(soon());
            ASSERT_TRUE(taken);
            EXPECT_TRUE(ring->verify(*taken).whole);
            ring->release(*taken);
        }
    }
}

}  // namespace
}  // namespace pf::driver
