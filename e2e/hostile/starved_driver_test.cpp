// A driver that finds no memory: each allocation of its threads fails once, while a host goes
// through all that a host does. The driver goes on, and holds nothing more than before.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <thread>

#include <pf/os/clock.hpp>
#include <pf/os/instance_directory.hpp>
#include <pf/proto/shared_access.hpp>

#include "capture/cursor_reader.hpp"
#include "capture/handle_broker.hpp"
#include "failing_new.hpp"
#include "honest_host.hpp"
#include "pattern/pattern_source.hpp"
#include "private_runtime.hpp"
#include "process/control/ioctl_server.hpp"
#include "process/runtime/runtime.hpp"
#include "process_state.hpp"

namespace pf::hostile {
namespace {

class StarvedDriver : public testing::Test {
protected:
    void SetUp() override {
        spdlog::set_level(spdlog::level::off);
        ASSERT_TRUE(directory_.set_state(os::InstanceState::active, "", 6));
        control_ = std::thread([this] { server_.run(stop_); });
    }
    void TearDown() override {
        stop_.set();
        control_.join();
        EXPECT_EQ(runtime_.monitor_count(), 0u);
        EXPECT_EQ(handles_.size(), 0u);
    }

    // Everything that a host asks for, whatever comes of it.
    static void a_hosts_life(std::int64_t patience_ns = 20 * os::kSecond) {
        auto channel = os::DeviceChannel::open("starved");
        if (!channel) {
            return;
        }
        auto connected = host::DriverConnection::establish(
            std::move(*channel), "starved", os::deadline_after(patience_ns), nullptr);
        if (!connected) {
            return;
        }
        proto::AddRequest add{};
        add.session_id = 1;
        add.width = 64;
        add.height = 48;
        add.refresh_hz = 500;
        add.hw_cursor = 1;
        const auto added = (*connected)->add(add);
        if (!added) {
            return;
        }
        const auto ring = host::FrameRing::create(
            {.width = 64, .height = 48, .target_id = added->target_id, .generation = 1});
        const auto cursor = host::CursorReader::create();
        (void)host::deliver_cursor(**connected, (*cursor)->region(), added->target_id);
        if (host::deliver_ring(**connected, **ring)) {
            const auto& latest = (*ring)->header().base.base.latest;
            const std::int64_t deadline_ns = os::deadline_after(4 * os::kMillisecond);
            while (proto::load_acquire(latest) == 0 && os::now_ns() < deadline_ns) {
                std::this_thread::yield();
            }
        }
        (void)(*connected)
            ->update_modes(
                {.session_id = 1, .width = 32, .height = 32, .refresh_hz = 100, .reserved = 0});
        (void)(*connected)->remove(1);
    }

    PrivateRuntime private_runtime_;
    os::InstanceDirectory directory_ = os::InstanceDirectory::acquire("starved").value();
    driver::PatternSource source_{driver::PatternOptions{}};
    driver::HandleTable handles_;
    driver::Runtime runtime_{{.process_id = os::current_pid()},
                             handles_,
                             source_,
                             driver::CompletionQueue::create().value(),
                             [this](std::vector<std::string> monitors) {
                                 (void)directory_.set_monitors(std::move(monitors));
                             }};
    driver::IoctlServer server_{directory_.listen().value(), runtime_, handles_, {}};
    os::Flag stop_ = os::Flag::create().value();
    std::thread control_;
};

TEST_F(StarvedDriver, GoesOnWhicheverAllocationFails) {
    const ProcessState before = process_state();
    a_hosts_life();
    constexpr std::uint32_t kMost = 5000;
    std::uint32_t nth = 1;
    for (; nth < kMost; ++nth) {
        fail_allocation(Whose::others, nth);
        a_hosts_life();
        if (!stop_failing()) {
            break;
        }
    }
    EXPECT_GT(nth, 30u);
    const auto seen =
        capture_whole_frames("starved", [](std::uint64_t frames) { return frames >= 20; });
    EXPECT_EQ(seen.error, "");
    EXPECT_EQ(seen.not_whole, 0u);
    EXPECT_EQ(settle(before, 0, os::deadline_after(30 * os::kSecond)), "");
    std::printf("%u allocations failed, one at a time\n", nth - 1);
}

// The driver finds none at all, for a while. Then all goes on.
TEST_F(StarvedDriver, ASpellWithoutAnyMemoryEnds) {
    for (const std::uint32_t from : {1u, 20u, 50u, 100u}) {
        fail_allocations(Whose::others, from);
        a_hosts_life(os::kSecond);
        stop_failing();
    }
    const auto seen =
        capture_whole_frames("starved", [](std::uint64_t frames) { return frames >= 20; });
    EXPECT_EQ(seen.error, "");
    EXPECT_EQ(seen.not_whole, 0u);
}

}  // namespace
}  // namespace pf::hostile
