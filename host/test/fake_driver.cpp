#include "test/fake_driver.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <pf/os/clock.hpp>

namespace pf::host::test {

os::Error error_of(std::int64_t code, os::Reaction reaction) {
    return {"fake", code, reaction, "as the test wants it"};
}

core::PlugResult FakeAdapter::plug_now(core::Owner, const core::MonitorSpec& spec) {
    if (!accepts(spec.mode)) {
        return {};
    }
    modes[spec.number] = spec.mode;
    return {.there = true};
}

std::uint32_t FakeAdapter::set_modes_now(core::Owner, core::MonitorNumber number,
                                         const core::ModeList& list) {
    if (set_modes_status == proto::kStatusSuccess) {
        modes[number] = list.preferred();
    }
    return set_modes_status;
}

class FakeDriver::Channel : public os::DeviceChannel {
public:
    explicit Channel(FakeDriver& driver) : driver_(driver) { ++driver_.open_channels_; }
    ~Channel() override { --driver_.open_channels_; }
    os::Result<std::size_t> call(std::uint32_t code, std::span<const std::byte> input,
                                 std::span<std::byte> output, const os::Patience& patience,
                                 os::Remark* remark) override {
        if (patience.cancelled()) {
            return tl::unexpected(error_of(os::DeviceChannel::kCancelled, os::Reaction::retry));
        }
        auto done = driver_.call(code, input, output, remark);
        if (driver_.clock != nullptr && !done && os::DeviceChannel::unanswered(done.error())) {
            driver_.clock->wait({}, patience.deadline_ns);
        }
        return done;
    }
    os::Result<std::vector<std::uint64_t>> give_all(std::span<const os::Gift> gifts,
                                                    const os::Patience&) override {
        if (!driver_process()) {
            return tl::unexpected(error_of(0, os::Reaction::bug));
        }
        return driver_.give_all(gifts);
    }
    os::Result<void> close_remote(std::uint64_t value, const os::Patience&) override {
        return driver_.close(value);
    }
    const os::Process& driver_process() const override {
        return learns_ ? peer_.process() : driver_.process;
    }
    os::Result<void> trust(std::uint32_t pid) override {
        if (learns_) {
            return peer_.trust(pid);
        }
        return pid == driver_.process.own_pid() ? os::Result<void>()
                                                : tl::unexpected(error_of(0, os::Reaction::reject));
    }

    bool gone_is_final() const override { return driver_.gone_is_final; }
    void hang_up() override { driver_.hang_up(); }

private:
    FakeDriver& driver_;
    const bool learns_ = static_cast<bool>(driver_.trust_policy);
    os::PeerTrust peer_{driver_.trust_policy};
};

FakeDriver::FakeDriver(std::uint32_t protocol)
    : process(os::Process::open(os::current_pid()).value()),
      dispatcher_({.protocol_version = protocol, .process_id = os::current_pid()}, adapter) {}

std::unique_ptr<os::DeviceChannel> FakeDriver::connect() {
    return std::make_unique<Channel>(*this);
}

void FakeDriver::fail_next(std::uint32_t code, os::Error error) {
    const std::lock_guard lock(mutex_);
    failures_[code].push_back(std::move(error));
}

os::Result<std::size_t> FakeDriver::call(std::uint32_t code, std::span<const std::byte> input,
                                         std::span<std::byte> output, os::Remark* remark) {
    const std::lock_guard lock(mutex_);
    if (dead_) {
        return tl::unexpected(error_of(32, os::Reaction::reopen));
    }
    if (code == hang_code_) {
        hang_code_ = 0;
        hangs_ = true;
    }
    if (hangs_) {
        queued_.push_back({code, {input.begin(), input.end()}, output.size()});
        os::sleep_until(os::deadline_after(os::kMillisecond));
        return tl::unexpected(error_of(os::DeviceChannel::kTimeout, os::Reaction::retry));
    }
    calls_.push_back({code, input.size(), output.size()});
    if (auto& planned = failures_[code]; !planned.empty()) {
        const os::Error error = planned.front();
        planned.pop_front();
        return tl::unexpected(error);
    }
    const auto done = serve(code, input, output);
    if (lost_.erase(code) > 0) {
        return tl::unexpected(error_of(104, os::Reaction::reopen));
    }
    if (done.status != proto::kStatusSuccess) {
        return tl::unexpected(error_of(done.status, done.status == proto::kStatusNotFound
                                                        ? os::Reaction::retry
                                                        : os::Reaction::reject));
    }
    if (const auto said = remarks_.find(code); said != remarks_.end() && remark != nullptr) {
        *remark = said->second;
    }
    const bool adds = code == proto::kIoctlAdd || code == proto::kIoctlAddExact;
    if (adds && output.size() >= proto::kAddReplyLegacySize) {
        std::memcpy(output.data() + offsetof(proto::AddReply, wudf_pid), &named_pid, 4);
    }
    if (code == proto::kIoctlSetFrameChannel || code == proto::kIoctlSetCursorChannel) {
        given_.clear();  // adopted
    }
    const auto claimed = claimed_.find(code);
    return claimed == claimed_.end() ? done.bytes_written : claimed->second;
}

core::Completion FakeDriver::serve(std::uint32_t code, std::span<const std::byte> input,
                                   std::span<std::byte> output) {
    const core::Completion done = core::test::dispatch_now(
        dispatcher_, adapter, {1, 1, code, input, output.size(), os::now_ns()});
    std::copy_n(done.output.begin(), done.bytes_written, output.begin());
    return done;
}

void FakeDriver::remark_on(std::uint32_t code, os::Remark remark) {
    const std::lock_guard lock(mutex_);
    remarks_[code] = std::move(remark);
}

void FakeDriver::claim_size(std::uint32_t code, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    claimed_[code] = bytes;
}

void FakeDriver::lose_reply(std::uint32_t code) {
    const std::lock_guard lock(mutex_);
    lost_.insert(code);
}

void FakeDriver::serve_queued() {
    const std::lock_guard lock(mutex_);
    for (const auto& [code, input, output_bytes] : std::exchange(queued_, {})) {
        std::vector<std::byte> output(output_bytes);
        serve(code, input, output);
    }
}

os::Result<std::vector<std::uint64_t>> FakeDriver::give_all(std::span<const os::Gift> gifts) {
    const std::lock_guard lock(mutex_);
    std::vector<std::uint64_t> values;
    for (const os::Gift& gift : gifts) {
        const auto value = give(gift.handle());
        if (!value) {
            for (const std::uint64_t earlier : values) {
                given_.erase(earlier);
            }
            return tl::unexpected(value.error());
        }
        values.push_back(*value);
    }
    return values;
}

os::Result<std::uint64_t> FakeDriver::give(const os::Handle& handle) {
    if (dead_) {
        return tl::unexpected(error_of(32, os::Reaction::reopen));
    }
    if (give_countdown_ > 0 && --give_countdown_ == 0) {
        return tl::unexpected(error_of(24, os::Reaction::retry));
    }
    if (on_give) {
        on_give(next_value_, handle);
    }
    given_.insert(next_value_);
    return next_value_++;
}

os::Result<void> FakeDriver::close(std::uint64_t value) {
    const std::lock_guard lock(mutex_);
    if (given_.erase(value) == 0) {
        ++closed_twice_;
    }
    return {};
}

std::vector<Call> FakeDriver::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

std::size_t FakeDriver::count(std::uint32_t code) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(calls_.begin(), calls_.end(), [code](auto& c) { return c.code == code; }));
}

std::size_t FakeDriver::monitors() const {
    const std::lock_guard lock(mutex_);
    return dispatcher_.monitors().size();
}

std::set<std::uint64_t> FakeDriver::given() const {
    const std::lock_guard lock(mutex_);
    return given_;
}

void FakeSystem::set(const std::string& name, Entry entry) {
    const std::lock_guard lock(mutex);
    instances[name] = std::move(entry);
}

namespace {

tl::unexpected<os::Error> wedge(const os::Patience& patience) {
    (void)os::wait({patience.flags[0], patience.flags[1], patience.flags[2]}, patience.deadline_ns);
    return tl::unexpected(
        error_of(patience.cancelled() ? os::DeviceChannel::kCancelled : os::DeviceChannel::kWedged,
                 os::Reaction::retry));
}

}  // namespace

DeviceSystem FakeSystem::system() {
    return {[this]() -> os::Result<std::vector<os::Instance>> {
                const std::lock_guard lock(mutex);
                std::vector<os::Instance> list;
                for (const auto& [name, entry] : instances) {
                    os::Instance instance;
                    instance.name = name;
                    instance.state = entry.state;
                    instance.reason = entry.reason;
                    list.push_back(instance);
                }
                return list;
            },
            [this](const std::string& name,
                   const os::Patience& patience) -> os::Result<std::unique_ptr<os::DeviceChannel>> {
                std::unique_lock lock(mutex);
                if (instances[name].wedged) {
                    lock.unlock();
                    return wedge(patience);
                }
                if (instances[name].driver == nullptr) {
                    return tl::unexpected(error_of(111, os::Reaction::reopen));
                }
                return instances[name].driver->connect();
            }};
}

}  // namespace pf::host::test
