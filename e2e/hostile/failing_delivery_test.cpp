// A thousand deliveries that fail, each at another step of a real host and a real driver: a system
// call that fails on either side, the connection cut before or after a message, the driver killed
// there. Afterwards both processes hold what they held before, and nothing was closed twice.
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

#include <pf/os/clock.hpp>
#include <pf/proto/shared_access.hpp>

#include "capture/cursor_reader.hpp"
#include "capture/handle_broker.hpp"
#include "private_runtime.hpp"
#include "process_state.hpp"
#include "watched_driver.hpp"

namespace pf::hostile {
namespace {

constexpr int kFailures = 1000;
constexpr std::uint32_t kMostSteps = 400;  // far more than a delivery has

struct Step {
    bool in_driver;
    Faulty call;
    Effect effect;
    int error;
};

constexpr Step kSteps[] = {
    {false, Faulty::memfd_create, Effect::fail, EMFILE},
    {false, Faulty::ftruncate, Effect::fail, ENOMEM},
    {false, Faulty::mmap, Effect::fail, ENOMEM},
    {false, Faulty::fcntl, Effect::fail, EBUSY},
    {false, Faulty::eventfd, Effect::fail, EMFILE},
    {false, Faulty::sendmsg, Effect::fail, ETOOMANYREFS},
    {false, Faulty::sendmsg, Effect::fail, EPIPE},
    {false, Faulty::recvmsg, Effect::fail, ENOMEM},
    {false, Faulty::sendmsg, Effect::cut_before, 0},
    {false, Faulty::sendmsg, Effect::cut_after, 0},
    {false, Faulty::recvmsg, Effect::cut_before, 0},
    {true, Faulty::recvmsg, Effect::fail, ENOMEM},
    {true, Faulty::recvmsg, Effect::cut_after, 0},
    {true, Faulty::sendmsg, Effect::fail, ENOBUFS},
    {true, Faulty::sendmsg, Effect::cut_before, 0},
    {true, Faulty::mmap, Effect::fail, ENOMEM},
    {true, Faulty::fcntl, Effect::fail, EINVAL},
    {true, Faulty::fstat, Effect::fail, EOVERFLOW},
    {true, Faulty::fstatfs, Effect::fail, EINTR},
    {true, Faulty::readlink, Effect::fail, ENAMETOOLONG},
    {true, Faulty::eventfd, Effect::fail, EMFILE},
    {true, Faulty::accept4, Effect::fail, EMFILE},
};

constexpr Step kDeaths[] = {
    {false, Faulty::sendmsg, Effect::kill_before, 0},
    {false, Faulty::sendmsg, Effect::kill_after, 0},
    {false, Faulty::recvmsg, Effect::kill_after, 0},
};

class FailingDelivery : public testing::Test {
protected:
    FailingDelivery() { EXPECT_TRUE(deliver()); }  // what only the first needs stays

    // Connects anew when need be, adds, delivers ring and cursor, removes. True: all of it worked.
    bool deliver() {
        if (connection_ == nullptr || !connection_->usable()) {
            connection_.reset();
            auto channel = os::DeviceChannel::open("main");
            auto connected = channel ? host::DriverConnection::establish(
                                           std::move(*channel), "main",
                                           os::deadline_after(10 * os::kSecond), nullptr)
                                     : tl::unexpected(channel.error());
            if (!connected) {
                return told(connected.error());
            }
            connection_ = std::move(*connected);
        }
        proto::AddRequest add{};
        add.session_id = 1;
        add.width = 64;
        add.height = 32;
        add.refresh_hz = 60;
        add.hw_cursor = 1;
        const auto added = connection_->add(add);
        if (!added) {
            return told(added.error());
        }
        const bool delivered = deliver_to(added->target_id);
        const auto removed = connection_->remove(1);
        return removed ? delivered : told(removed.error());
    }

    bool deliver_to(std::uint32_t target_id) {
        const auto ring = host::FrameRing::create(
            {.width = 64, .height = 32, .target_id = target_id, .generation = 1});
        if (!ring) {
            return told(ring.error());
        }
        if (const auto sent = host::deliver_ring(*connection_, **ring); !sent) {
            return told(sent.error());
        }
        const auto& header = (*ring)->header().base.base;
        if (proto::load_acquire(header.driver_status) != proto::kDriverStatusOpened) {
            return false;  // told there, or nobody could be told
        }
        const auto cursor = host::CursorReader::create();
        if (!cursor) {
            return told(cursor.error());
        }
        const auto sent = host::deliver_cursor(*connection_, (*cursor)->region(), target_id);
        return sent || told(sent.error());
    }

    static bool told(const os::Error& error) {
        EXPECT_FALSE(error.message().empty());
        EXPECT_NE(error.reaction, os::Reaction::bug) << error.message();
        return false;
    }

    // Fails the nth call; false when a delivery has no such step any more.
    bool fail_at(const Step& step, std::uint32_t nth) {
        FaultPlan& plan = step.in_driver ? driver_.plan() : *pf_fault_plan();
        if (step.call == Faulty::accept4) {
            connection_.reset();
        }
        arm(plan, step.call, nth, step.effect, step.error, driver_.pid());
        const bool worked = deliver();
        const bool happened = disarm(plan);
        failures_ += happened && !worked ? 1 : 0;
        const bool killed = step.effect == Effect::kill_before || step.effect == Effect::kill_after;
        if (killed && happened) {
            driver_.restart_after_death();
        }
        if (happened && worked) {
            ++harmless_;
        }
        return happened;
    }

    void fail_at_each(const Step& step) {
        for (std::uint32_t nth = 1; nth < kMostSteps && fail_at(step, nth); ++nth) {
        }
    }

    PrivateRuntime runtime_;
    WatchedDriver driver_{"main"};
    std::shared_ptr<host::DriverConnection> connection_;
    int failures_ = 0;
    int harmless_ = 0;  // the side that it happened on knew another way
};

TEST_F(FailingDelivery, AThousandLeaveNothingInEitherProcess) {
    const ProcessState host_before = process_state();
    const ProcessState driver_before = process_state(driver_.pid());
    const std::uint32_t pid = driver_.pid();
    while (failures_ < kFailures) {
        for (const Step& step : kSteps) {
            fail_at_each(step);
        }
    }
    ASSERT_EQ(driver_.pid(), pid) << "it died of that";
    EXPECT_TRUE(deliver());
    const std::int64_t deadline_ns = os::deadline_after(30 * os::kSecond);
    EXPECT_EQ(settle(driver_before, pid, deadline_ns), "");
    EXPECT_EQ(settle(host_before, 0, deadline_ns), "");
    EXPECT_EQ(driver_.plan().bad_closes, 0u);
    EXPECT_EQ(pf_fault_plan()->bad_closes, 0u);
    EXPECT_GT(driver_.plan().closes, 1000u);
    EXPECT_GT(pf_fault_plan()->closes, 1000u);
    std::printf(
        "%d failing deliveries, %d that another way made good; %lu closes in the driver, "
        "%lu in the host, none twice\n",
        failures_, harmless_, driver_.plan().closes.load(), pf_fault_plan()->closes.load());
}

TEST_F(FailingDelivery, ADriverThatDiesAtAnyStepLeavesNothingInTheHost) {
    const ProcessState before = process_state();
    for (const Step& step : kDeaths) {
        fail_at_each(step);
    }
    EXPECT_GT(failures_, 30);
    EXPECT_TRUE(deliver());
    EXPECT_EQ(settle(before, 0, os::deadline_after(30 * os::kSecond)), "");
    EXPECT_EQ(driver_.plan().bad_closes, 0u);
    EXPECT_EQ(pf_fault_plan()->bad_closes, 0u);
}

// The watch itself: what it counts is what it claims to count.
TEST(Watch, ASecondCloseIsSeen) {
    const std::uint64_t before = pf_fault_plan()->bad_closes;
    const auto event = os::Event::create().value();
    const int copy = static_cast<int>(event.handle().duplicate().value().release());
    (void)os::Handle::adopt(copy);
    EXPECT_EQ(pf_fault_plan()->bad_closes, before);
    (void)os::Handle::adopt(copy);
    EXPECT_EQ(pf_fault_plan()->bad_closes, before + 1);
    pf_fault_plan()->bad_closes = before;
}

}  // namespace
}  // namespace pf::hostile
