// One connection to one driver process after the handshake: the control operations as typed
// calls, each reply checked before it is used. Shared by everyone who talks to the driver; it
// closes when the last of them lets go. After the driver's death every call fails with reaction
// reopen. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pf/os/device_channel.hpp>
#include <pf/proto/exact_rate.hpp>

#include "device/stop_signal.hpp"

namespace pf::host {

inline constexpr std::int64_t kControlTimeoutNs = 5 * os::kSecond;  // one operation
// An Add or a mode change may have to wait for the system (an X server that makes a large screen):
// as long as the driver answers pings meanwhile.
inline constexpr std::int64_t kLongControlTimeoutNs = 60 * os::kSecond;
inline constexpr std::int64_t kOpenTimeoutNs = 10 * os::kSecond;      // a device that is wedged
inline constexpr std::int64_t kHandshakeTimeoutNs = 2 * os::kSecond;  // GetInfo on a new channel
inline constexpr std::int64_t kPingTimeoutNs = os::kSecond;

class DriverConnection {
public:
    // GetInfo: at least 8 bytes, a version that we speak. `stop` and `seen_version` may be null;
    // the latter is told the version even when it is refused.
    static os::Result<std::shared_ptr<DriverConnection>> establish(
        std::unique_ptr<os::DeviceChannel> channel, std::string instance, std::int64_t deadline_ns,
        const StopSignal* stop, std::uint32_t* seen_version = nullptr,
        const os::Clock& clock = os::system_clock());

    // No call found the peer gone, and its process has not ended as far as that is known.
    bool usable() const { return !gone_.load() && !process_ended(); }
    bool process_ended() const { return process() && !process().alive(); }
    void mark_gone() { gone_.store(true); }
    // It is gone, and does not keep its device open any more, whoever else refers to it.
    void hang_up() {
        mark_gone();
        channel_->hang_up();
    }

    // Where an operation takes a `stop`, that ends it at once; null: nothing does.

    // `request` goes out as long as the driver's protocol has it. A failure leaves no monitor
    // behind: a reply that is too short, one that never came, or one that names a process that is
    // not trusted is followed by a Remove.
    os::Result<proto::AddReply> add(const proto::AddRequest& request,
                                    const StopSignal* stop = nullptr);
    // The same, with a rate that is no whole hertz. nullopt in place of a reply: this driver does
    // not know how, or can create no monitor; add() tells which.
    os::Result<std::optional<proto::AddReply>> add_exact(const proto::AddExactRequest& request,
                                                         const StopSignal* stop = nullptr);
    os::Result<void> remove(std::uint64_t session_id, std::int64_t timeout_ns = kControlTimeoutNs,
                            const StopSignal* stop = nullptr);
    os::Result<void> update_modes(const proto::UpdateModesRequest& request,
                                  const StopSignal* stop = nullptr);  // protocol 4
    // False: this driver does not know how, or has no such monitor; update_modes() tells which.
    os::Result<bool> update_modes_exact(const proto::UpdateModesExactRequest& request,
                                        const StopSignal* stop = nullptr);
    // What the driver says about the ring it took: its status words tell whether it opened it.
    os::Result<os::Remark> set_frame_channel(const proto::SetFrameChannelRequest& request,
                                             const StopSignal* stop = nullptr);
    os::Result<os::Remark> set_cursor_channel(const proto::SetCursorChannelRequest& request,
                                              const StopSignal* stop = nullptr);  // 5
    os::Result<void> set_cursor_forward(const proto::SetCursorForwardRequest& request,
                                        const StopSignal* stop = nullptr);  // 6
    os::Result<void> set_render_adapter(const proto::SetRenderAdapterRequest& request);
    os::Result<void> clear_all();
    // One that stays without an answer for kControlTimeoutNs, others before it included, ends the
    // long operations that are under way. One that finds the driver gone has to be asked again
    // where that may pass (gone_rule.hpp); the connection is usable until then.
    os::Result<void> ping(const StopSignal* stop = nullptr);

    // As DeviceChannel::give_all() and close_remote(); the driver has been added to before, so that
    // its process is known.
    os::Result<std::vector<std::uint64_t>> give_all(std::span<const os::Gift> gifts,
                                                    const StopSignal* stop = nullptr);
    os::Result<void> close_remote(std::uint64_t value, std::int64_t deadline_ns);

    const std::string& instance() const { return instance_; }
    std::uint32_t protocol() const { return info_.protocol_version; }
    std::uint32_t watchdog_timeout_s() const { return info_.watchdog_timeout_s; }
    // Empty as long as nothing names it.
    const os::Process& process() const { return channel_->driver_process(); }
    const os::Clock& clock() const { return clock_; }

    bool has_update_modes() const { return protocol() >= 4; }
    bool has_cursor_channel() const { return protocol() >= 5; }
    bool has_cursor_forward() const { return protocol() >= 6; }

    // When the driver last answered anything, on clock().
    std::int64_t last_answer_ns() const { return last_answer_ns_.load(); }
    // Since when pings go unanswered; 0: the last one was answered.
    std::int64_t failing_since_ns() const { return failing_since_ns_.load(); }

private:
    DriverConnection(std::unique_ptr<os::DeviceChannel> channel, std::string instance,
                     os::Flag silent, const os::Clock& clock)
        : channel_(std::move(channel)),
          instance_(std::move(instance)),
          clock_(clock),
          silent_(std::move(silent)) {}

    os::Patience patience(const StopSignal* stop, std::int64_t timeout_ns = kControlTimeoutNs) {
        return patience_until(clock_.deadline_after(timeout_ns), stop);
    }
    os::Patience long_patience(const StopSignal* stop) {
        return patience_until(clock_.deadline_after(kLongControlTimeoutNs), stop, &silent_);
    }
    bool is_silent(std::int64_t now_ns) const;
    os::Result<std::size_t> get_info(std::span<std::byte> reply, std::int64_t deadline_ns,
                                     const StopSignal* stop);
    os::Result<std::size_t> call(const char* operation, std::uint32_t code,
                                 std::span<const std::byte> input, std::span<std::byte> output,
                                 const os::Patience& patience, os::Remark* remark = nullptr);
    template <typename Request>
    os::Result<os::Remark> send(const char* operation, std::uint32_t code, const Request& request,
                                std::uint32_t since_protocol, const os::Patience& patience);
    template <typename T>
    os::Result<T> noted(os::Result<T> result, bool ping = false);
    os::Result<proto::AddReply> call_add(std::uint32_t code, std::uint64_t session_id,
                                         std::span<const std::byte> input, const StopSignal* stop);
    os::Result<proto::AddReply> check_reply(std::span<const std::byte> reply);

    std::unique_ptr<os::DeviceChannel> channel_;
    std::string instance_;
    const os::Clock& clock_;
    const os::Flag silent_;  // pings have gone unanswered for too long
    proto::InfoReply info_{};
    std::atomic<bool> gone_{false};
    std::atomic<std::uint32_t> gone_pings_{0};  // in a row
    std::atomic<std::int64_t> last_answer_ns_{0};
    std::atomic<std::int64_t> failing_since_ns_{0};
};

}  // namespace pf::host
