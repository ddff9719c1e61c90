#include "control_thread.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <pf/os/clock.hpp>

namespace pf::driver {
namespace {

constexpr std::chrono::seconds kPatience{20};

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
    // What `task` returns on the control thread.
    template <typename Task>
    auto post(Task task) {
        using Result = decltype(task(std::declval<Device&>()));
        auto promise = std::make_shared<std::promise<Result>>();
        control_->post([promise, task](Device& device) { promise->set_value(task(device)); });
        return promise->get_future();
    }
    template <typename Result>
    static bool comes(const std::future<Result>& result) {
        return result.wait_for(kPatience) == std::future_status::ready;
    }

    std::atomic<int> turns_{0};
    std::unique_ptr<ControlThread> control_ =
        ControlThread::start(std::make_unique<CountingDevice>(turns_)).value();
};

TEST_F(ControlThreadTest, DoesWhatIsPostedInOrder) {
    std::vector<int> order;  // the thread's until it is done
    for (int i = 0; i < 100; ++i) {
        control_->post([&order, i](Device&) { order.push_back(i); });
    }
    auto done = post([](Device&) { return true; });
    ASSERT_TRUE(comes(done) && done.get());
    ASSERT_EQ(order.size(), 100U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(ControlThreadTest, GivesTheDeviceATurnForItsNews) {
    auto news = post([](Device& device) { return &device.news(); });
    ASSERT_TRUE(comes(news));
    const int before = turns_;
    news.get()->signal();
    const std::int64_t deadline_ns = os::deadline_after(20 * os::kSecond);
    while (turns_ <= before && os::now_ns() < deadline_ns) {
        std::this_thread::yield();
    }
    EXPECT_GT(turns_, before);
}

TEST_F(ControlThreadTest, FrozenItDoesNothingUntilItThaws) {
    auto frozen = post([this](Device&) {
        control_->set_frozen(true);
        return true;
    });
    ASSERT_TRUE(comes(frozen));
    auto done = post([](Device&) { return true; });
    EXPECT_EQ(done.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    control_->set_frozen(false);
    EXPECT_TRUE(comes(done));
}

TEST_F(ControlThreadTest, EndsThoughItIsFrozen) {
    control_->set_frozen(true);
    control_.reset();
}

}  // namespace
}  // namespace pf::driver
