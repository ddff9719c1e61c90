#include "replay_driver.hpp"

#include <algorithm>
#include <utility>

namespace pf::model {
namespace {

constexpr core::Owner kHost = 1;

}  // namespace

class ReplayDriver::Channel : public os::DeviceChannel {
public:
    Channel(std::shared_ptr<ReplayDriver> driver, os::Process process)
        : driver_(std::move(driver)), process_(std::move(process)) {}
    ~Channel() override {
        const std::lock_guard lock(driver_->mutex_);
        driver_->close(*this);
    }
    os::Result<std::size_t> call(std::uint32_t code, std::span<const std::byte> input,
                                 std::span<std::byte> output, const os::Patience&,
                                 os::Remark*) override {
        return driver_->call(*this, code, input, output);
    }
    os::Result<std::vector<std::uint64_t>> give_all(std::span<const os::Gift>,
                                                    const os::Patience&) override {
        return os::fail("give", 0, os::Reaction::reject, "nothing is given here");
    }
    os::Result<void> close_remote(std::uint64_t, const os::Patience&) override { return {}; }
    const os::Process& driver_process() const override { return process_; }
    os::Result<void> trust(std::uint32_t) override { return {}; }

    bool open = true;  // at the driver

private:
    std::shared_ptr<ReplayDriver> driver_;
    os::Process process_;
};

std::shared_ptr<ReplayDriver> ReplayDriver::start(Removes removes) {
    os::ChildProcess::Options options;
    options.arguments = {"sleep", "1000"};
    options.die_with_parent = true;
    return std::shared_ptr<ReplayDriver>(
        new ReplayDriver(os::ChildProcess::spawn(options).value(), removes));
}

ReplayDriver::ReplayDriver(os::ChildProcess child, Removes removes)
    : removes_(removes),
      child_(std::move(child)),
      dispatcher_({.protocol_version = 6, .process_id = child_.process().pid()}, adapter_) {}

std::unique_ptr<os::DeviceChannel> ReplayDriver::connect() {
    const std::lock_guard lock(mutex_);
    ++open_channels_;
    return std::make_unique<Channel>(shared_from_this(),
                                     os::Process::open(child_.process().pid()).value());
}

// As the driver process does: the last connection of an owner takes its monitors with it.
void ReplayDriver::close(Channel& channel) {
    if (std::exchange(channel.open, false) && --open_channels_ == 0) {
        dispatcher_.owner_gone(kHost);
        adapter_.settle(dispatcher_, os::now_ns());
    }
}

os::Result<std::size_t> ReplayDriver::call(Channel& channel, std::uint32_t code,
                                           std::span<const std::byte> input,
                                           std::span<std::byte> output) {
    const std::lock_guard lock(mutex_);
    const auto lost = [] {
        return os::fail("call", 32, os::Reaction::reopen, "the connection is gone");
    };
    if (dead_ || !channel.open) {
        return lost();
    }
    const bool of_monitors = (code == proto::kIoctlAdd || code == proto::kIoctlRemove) &&
                             std::this_thread::get_id() == cuts_only_;
    const Cut cut = of_monitors ? std::exchange(cut_, Cut::none) : Cut::none;
    if (cut == Cut::before) {
        close(channel);
        return lost();
    }
    if (code == proto::kIoctlRemove && removes_ == Removes::forgotten) {
        return std::size_t{0};
    }
    const auto done = core::test::dispatch_now(
        dispatcher_, adapter_, {1, kHost, code, input, output.size(), os::now_ns()});
    std::copy_n(done.output.begin(), done.bytes_written, output.begin());
    if (cut == Cut::after) {
        close(channel);
        return lost();
    }
    if (done.status != proto::kStatusSuccess) {
        return os::fail("call", done.status, os::Reaction::reject, "refused");
    }
    return done.bytes_written;
}

bool ReplayDriver::cut_next(Cut cut) {
    const std::lock_guard lock(mutex_);
    const bool came_to_it = cut_ == Cut::none;
    cut_ = cut;
    cuts_only_ = std::this_thread::get_id();
    return came_to_it;
}

void ReplayDriver::kill() {
    {
        const std::lock_guard lock(mutex_);
        dead_ = true;
    }
    child_.stop(os::StopHow::kill);
    (void)child_.wait_exit(os::deadline_after(20 * os::kSecond));
}

std::size_t ReplayDriver::monitors() const {
    const std::lock_guard lock(mutex_);
    return dispatcher_.monitors().size();
}

}  // namespace pf::model
