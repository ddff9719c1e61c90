#include "control_thread.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>

namespace pf::driver {
namespace {

constexpr std::int64_t kTurnNs = 500 * os::kMillisecond;  // core asks for a tick a second

}  // namespace

os::Result<std::unique_ptr<ControlThread>> ControlThread::start(std::unique_ptr<Device> device) {
    auto posted = os::Event::create();
    auto stop = os::Flag::create();
    if (!posted || !stop) {
        return tl::unexpected(std::move(posted ? stop.error() : posted.error()));
    }
    std::unique_ptr<ControlThread> control(
        new ControlThread(std::move(device), std::move(*posted), std::move(*stop)));
    auto thread = os::GuardedThread::start(
        "node control", [raw = control.get()] { raw->run(); },
        [](const os::Error& error) {
            spdlog::error("a node serves no more: {}", error.message());
        });
    if (!thread) {
        return tl::unexpected(std::move(thread.error()));
    }
    control->thread_ = std::move(*thread);
    return control;
}

ControlThread::ControlThread(std::unique_ptr<Device> device, os::Event posted, os::Flag stop)
    : device_(std::move(device)), posted_(std::move(posted)), stop_(std::move(stop)) {}

ControlThread::~ControlThread() {
    stop_.set();
    thread_.join();
}

void ControlThread::post(Task task) {
    {
        const std::lock_guard locked(mutex_);
        tasks_.push_back(std::move(task));
    }
    posted_.signal();
}

void ControlThread::set_frozen(bool frozen) {
    frozen_ = frozen;
    posted_.signal();
}

void ControlThread::run() {
    while (wait_turn()) {
        do_posted();
        const std::int64_t now_ns = os::now_ns();
        device_->turn(now_ns);
        next_turn_ns_ = now_ns + kTurnNs;
    }
}

// False: it is to stop.
bool ControlThread::wait_turn() {
    os::WaitItem items[] = {stop_, posted_, device_->news()};
    os::wait(items, next_turn_ns_);
    while (frozen_ && !items[0].ready()) {
        os::wait(std::span(items).first(2), os::kNever);
    }
    return !items[0].ready();
}

void ControlThread::do_posted() {
    std::vector<Task> tasks;
    {
        const std::lock_guard locked(mutex_);
        tasks.swap(tasks_);
    }
    for (auto& task : tasks) {
        task(*device_);
    }
}

}  // namespace pf::driver
