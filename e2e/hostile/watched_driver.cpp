#include "watched_driver.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pf/os/clock.hpp>
#include <pf/os/device_channel.hpp>
#include <pf/os/runtime_dir.hpp>

#include "insist.hpp"

namespace pf::hostile {
namespace {

bool serves(const std::string& instance, std::uint32_t pid) {
    const auto all = os::list_instances();
    for (const os::Instance& one : all ? *all : std::vector<os::Instance>{}) {
        if (one.name == instance) {
            return one.state == os::InstanceState::active && one.pid == pid;
        }
    }
    return false;
}

}  // namespace

WatchedDriver::WatchedDriver(std::string instance, Graves graves)
    : instance_(std::move(instance)), plan_path_(os::runtime_directory() + ".plan-" + instance_) {
    const int file = ::open(plan_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    PF_INSIST(file >= 0 && ::ftruncate(file, sizeof(FaultPlan)) == 0);
    void* place = ::mmap(nullptr, sizeof(FaultPlan), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    PF_INSIST(place != MAP_FAILED);
    ::close(file);
    plan_ = static_cast<FaultPlan*>(place);
    plan_->no_graves = graves == Graves::none ? 1 : 0;
    start();
}

WatchedDriver::~WatchedDriver() {
    child_ = {};
    ::munmap(plan_, sizeof(FaultPlan));
    ::unlink(plan_path_.c_str());
}

void WatchedDriver::start() {
    os::ChildProcess::Options options;
    options.arguments = {PF_DRIVER_PROGRAM, "--instance",  instance_, "--source",
                         "pattern",         "--log-level", "off"};
    options.environment = {std::string("LD_PRELOAD=") + PF_FAULT_LIBRARY,
                           std::string(kFaultsVariable) + "=" + plan_path_,
                           "ASAN_OPTIONS=verify_asan_link_order=0"};
    options.die_with_parent = true;
    auto child = os::ChildProcess::spawn(options);
    PF_INSIST(child);
    child_ = std::move(*child);
    const std::int64_t deadline_ns = os::deadline_after(60 * os::kSecond);
    while (!serves(instance_, pid())) {
        PF_INSIST(os::now_ns() < deadline_ns);
        os::sleep_until(os::deadline_after(2 * os::kMillisecond));
    }
}

void WatchedDriver::restart_after_death() {
    PF_INSIST(child_.wait_exit(os::deadline_after(60 * os::kSecond)));
    start();
}

void arm(FaultPlan& plan, Faulty call, std::uint32_t nth, Effect effect, int error,
         std::uint32_t victim) {
    plan.effect = effect;
    plan.error = error;
    plan.victim = static_cast<int>(victim);
    plan.countdown = nth;
    plan.call = call;
}

bool disarm(FaultPlan& plan) {
    plan.call = Faulty::none;
    return plan.countdown.exchange(0) == 0;
}

}  // namespace pf::hostile
