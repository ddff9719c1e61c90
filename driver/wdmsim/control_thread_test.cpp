#include "control_thread.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

namespace pf::driver {
namespace {

constexpr std::int64_t kPatienceNs = 20 * os::kSecond;

class CountingDevice final : public Device {
public:
    explicit CountingDevice(std::atomic<int>& turns) : turns_(turns) {}
    void file_created(FileNumber, std::uint32_t) override {}
    void file_closed(FileNumber) override {}
    void request(CarriedRequest&&) override {}
    void turn(std::int64_t) override { ++turns_; }
    const os::Event& news() const override { return news_; }

private:
    std::atomic<int>& turns_;
    os::Event news_ = os::Event::create().value();
};

class ControlThreadTest : public testing::Test {
protected:
    bool within_patience(const os::Event& event) {
        os::WaitItem items[] = {event};
        return os::wait(items, os::deadline_after(kPatienceNs));
    }
    std::atomic<int> turns_{0};
    os::Event done_ = os::Event::create().value();
    std::unique_ptr<ControlThread> control_ =
        ControlThread::start(std::make_unique<CountingDevice>(turns_)).value();
};

TEST_F(ControlThreadTest, DoesWhatIsPostedInOrder) {
    std::vector<int> order;
    for (int i = 0; i < 100; ++i) {
        control_->post([&order, i](Device&) { order.push_back(i); });
    }
    control_->post([this](Device&) { done_.signal(); });
    ASSERT_TRUE(within_patience(done_));
    ASSERT_EQ(order.size(), 100U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(ControlThreadTest, GivesTheDeviceATurnForItsNews) {
    const os::Event* news = nullptr;
    control_->post([&](Device& device) {
        news = &device.news();
        done_.signal();
    });
    ASSERT_TRUE(within_patience(done_));
    const int before = turns_;
    news->signal();
    const std::int64_t deadline_ns = os::deadline_after(kPatienceNs);
    while (turns_ <= before && os::now_ns() < deadline_ns) {
        std::this_thread::yield();
    }
    EXPECT_GT(turns_, before);
}

TEST_F(ControlThreadTest, FrozenItDoesNothingUntilItThaws) {
    std::atomic<bool> done{false};
    control_->post([this](Device&) {
        control_->set_frozen(true);
        done_.signal();
    });
    ASSERT_TRUE(within_patience(done_));
    control_->post([&](Device&) {
        done = true;
        done_.signal();
    });
    os::WaitItem items[] = {done_};
    EXPECT_FALSE(os::wait(items, os::deadline_after(50 * os::kMillisecond)));
    EXPECT_FALSE(done);
    control_->set_frozen(false);
    ASSERT_TRUE(within_patience(done_));
    EXPECT_TRUE(done);
}

TEST_F(ControlThreadTest, EndsThoughItIsFrozen) {
    control_->set_frozen(true);
    control_.reset();
}

}  // namespace
}  // namespace pf::driver
