// A driver in this process for tests of the host: driver core behind channels that obey a script.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <pf/os/device_channel.hpp>
#include <pf/os/peer_trust.hpp>
#include <pf/os/process.hpp>

#include "device/discovery.hpp"
#include "test/prompt_adapter.hpp"

namespace pf::host::test {

class FakeAdapter : public core::test::PromptAdapter {
public:
    core::PlugResult plug_now(core::Owner, const core::MonitorSpec& spec) override;
    void unplug_now(core::MonitorNumber number) override { modes.erase(number); }
    std::uint32_t set_modes_now(core::Owner, core::MonitorNumber number,
                                const core::ModeList& list) override;
    bool set_render_adapter(const core::Luid&) override { return true; }
    void attach_ring(core::Owner, core::MonitorNumber target_id,
                     const core::RingDelivery& ring) override {
        if (on_ring) {
            on_ring(target_id, ring);
        }
    }
    void attach_cursor(core::Owner, core::MonitorNumber, std::uint64_t) override {}
    void set_cursor_forward(core::MonitorNumber, bool) override {}

    std::map<std::uint32_t, core::Mode> modes;  // by target, which is the monitor's number
    std::function<bool(const core::Mode&)> accepts = [](const core::Mode&) { return true; };
    std::uint32_t set_modes_status = proto::kStatusSuccess;
    // What becomes of a delivered ring; it must not call the driver's methods that lock.
    std::function<void(std::uint32_t target_id, const core::RingDelivery&)> on_ring;
};

struct Call {
    std::uint32_t code;
    std::size_t input_bytes;
    std::size_t output_bytes;
};

// Thread-safe but for the members that a test sets up before.
class FakeDriver {
public:
    explicit FakeDriver(std::uint32_t protocol = 6);

    std::unique_ptr<os::DeviceChannel> connect();

    // The next call of `code` fails so; the operation is not performed.
    void fail_next(std::uint32_t code, os::Error error);
    // Successes of `code` come with this.
    void remark_on(std::uint32_t code, os::Remark remark);
    // Replies of `code` claim this size; the operation is performed.
    void claim_size(std::uint32_t code, std::size_t bytes);
    // The next call of `code` is performed, and the connection ends before its reply.
    void lose_reply(std::uint32_t code);
    void fail_give(int nth) { give_countdown_ = nth; }  // 1: the next one
    // From now on every call finds the peer gone.
    void die() { dead_ = true; }
    void hang_up() { ++hung_up_; }
    std::size_t hung_up() const { return hung_up_; }
    // Calls time out at once; they stay queued, as with a stopped process.
    void hang(bool hangs) { hangs_ = hangs; }
    void hang_from(std::uint32_t code) { hang_code_ = code; }  // from its next call on
    void serve_queued();

    std::vector<Call> calls() const;
    std::size_t count(std::uint32_t code) const;
    std::size_t monitors() const;
    std::set<std::uint64_t> given() const;  // and neither closed nor adopted
    std::size_t closed_twice() const { return closed_twice_; }
    std::size_t open_channels() const { return open_channels_; }

    FakeAdapter adapter;
    std::function<void(std::uint64_t value, const os::Handle&)> on_give;
    std::uint32_t named_pid = os::current_pid();  // in AddReply
    os::Process process;                          // of every channel; this process
    os::TrustPolicy trust_policy;                 // set: no channel knows the process by itself
    bool gone_is_final = true;                    // of every channel
    const os::Clock* clock = nullptr;             // set: a hanging call lasts to its deadline on it

private:
    class Channel;
    os::Result<std::size_t> call(std::uint32_t code, std::span<const std::byte> input,
                                 std::span<std::byte> output, os::Remark* remark);
    os::Result<std::vector<std::uint64_t>> give_all(std::span<const os::Gift> gifts);
    core::Completion serve(std::uint32_t code, std::span<const std::byte> input,
                           std::span<std::byte> output);
    os::Result<std::uint64_t> give(const os::Handle& handle);
    os::Result<void> close(std::uint64_t value);

    mutable std::mutex mutex_;
    core::Dispatcher dispatcher_;
    struct Queued {
        std::uint32_t code;
        std::vector<std::byte> input;
        std::size_t output_bytes;
    };
    std::vector<Call> calls_;
    std::vector<Queued> queued_;
    std::map<std::uint32_t, std::deque<os::Error>> failures_;
    std::map<std::uint32_t, os::Remark> remarks_;
    std::map<std::uint32_t, std::size_t> claimed_;
    std::set<std::uint32_t> lost_;
    std::set<std::uint64_t> given_;
    std::uint64_t next_value_ = 100;
    int give_countdown_ = 0;
    std::size_t closed_twice_ = 0;
    std::atomic<std::size_t> open_channels_{0};
    std::atomic<bool> dead_{false};
    std::atomic<std::size_t> hung_up_{0};
    std::atomic<bool> hangs_{false};
    std::atomic<std::uint32_t> hang_code_{0};
};

// Instances by name, each in a state and with a driver behind it.
struct FakeSystem {
    struct Entry {
        os::InstanceState state = os::InstanceState::active;
        std::shared_ptr<FakeDriver> driver;  // null: cannot be opened
        std::string reason = {};
        bool wedged = false;  // an open waits until the end of its patience
    };
    std::map<std::string, Entry> instances;
    std::mutex mutex;

    void set(const std::string& name, Entry entry);
    DeviceSystem system();  // refers to this
};

os::Error error_of(std::int64_t code, os::Reaction reaction);

}  // namespace pf::host::test
