#include "device/driver_connection.hpp"

#include <algorithm>
#include <array>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>

#include "device/gone_rule.hpp"

namespace pf::host {
namespace {

// A Remove behind an Add that got no answer in time has to be queued, not waited for.
constexpr std::int64_t kUndoNs = 100 * os::kMillisecond;

const unsigned char* raw(std::span<const std::byte> bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

os::Result<void> without_remark(os::Result<os::Remark> answer) {
    return answer.map([](const os::Remark&) {});
}

tl::unexpected<os::Error> mismatch(std::uint32_t version) {
    return os::fail("handshake", kProtocolMismatch, os::Reaction::fallback,
                    "the driver speaks protocol " + std::to_string(version) +
                        ", this host speaks " + std::to_string(proto::kMinDriverProtocolVersion) +
                        " to " + std::to_string(proto::kProtocolVersion) +
                        ": update the older one");
}

}  // namespace

os::Result<std::shared_ptr<DriverConnection>> DriverConnection::establish(
    std::unique_ptr<os::DeviceChannel> channel, std::string instance, std::int64_t deadline_ns,
    const StopSignal* stop, std::uint32_t* seen_version, const os::Clock& clock) {
    auto silent = os::Flag::create();
    if (!silent) {
        return tl::unexpected(silent.error());
    }
    std::shared_ptr<DriverConnection> self(
        new DriverConnection(std::move(channel), std::move(instance), std::move(*silent), clock));
    std::array<std::byte, sizeof(proto::InfoReply)> reply{};
    const auto got = self->get_info(reply, deadline_ns, stop);
    if (!got) {
        return tl::unexpected(got.error());
    }
    if (!proto::read_struct(raw(reply), *got, self->info_)) {
        return os::fail("handshake", kShortReply, os::Reaction::fallback,
                        "the driver answered GetInfo with " + std::to_string(*got) +
                            " bytes instead of 8: it is no driver of this contract");
    }
    const std::uint32_t version = self->info_.protocol_version;
    if (seen_version != nullptr) {
        *seen_version = version;
    }
    if (version < proto::kMinDriverProtocolVersion || version > proto::kProtocolVersion) {
        return mismatch(version);
    }
    return self;
}

os::Result<std::size_t> DriverConnection::get_info(std::span<std::byte> reply,
                                                   std::int64_t deadline_ns,
                                                   const StopSignal* stop) {
    auto got = call("GetInfo", proto::kIoctlGetInfo, {}, reply, patience_until(deadline_ns, stop));
    if (!got && os::DeviceChannel::unanswered(got.error())) {
        return os::fail("handshake", got.error().code, os::Reaction::retry,
                        "the driver process does not answer (stopped or hung)");
    }
    return got;
}

template <typename T>
os::Result<T> DriverConnection::noted(os::Result<T> result, bool ping) {
    if (!result && result.error().reaction == os::Reaction::reopen) {
        const std::uint32_t in_a_row = ping ? gone_pings_.fetch_add(1) + 1 : 0;
        if (retires(ping, channel_->gone_is_final(), in_a_row)) {
            mark_gone();
        }
    } else if (result || !os::DeviceChannel::unanswered(result.error())) {
        last_answer_ns_.store(clock_.now_ns());
        failing_since_ns_.store(0);
        gone_pings_.store(0);
        silent_.reset();
    }
    return result;
}

os::Result<std::size_t> DriverConnection::call(const char* operation, std::uint32_t code,
                                               std::span<const std::byte> input,
                                               std::span<std::byte> output,
                                               const os::Patience& patience, os::Remark* remark) {
    auto result =
        noted(channel_->call(code, input, output, patience, remark), code == proto::kIoctlPing);
    if (!result) {
        result.error().operation = operation;
        if (result.error().code == os::DeviceChannel::kCancelled && is_silent(clock_.now_ns())) {
            result.error().code = os::DeviceChannel::kTimeout;
            result.error().detail = "the driver process has not answered for 5 s (stopped or hung)";
        }
        return result;
    }
    if (*result > output.size()) {
        return os::fail(operation, kShortReply, os::Reaction::fallback,
                        "the driver claims a longer reply than was asked for");
    }
    return result;
}

template <typename Request>
os::Result<os::Remark> DriverConnection::send(const char* operation, std::uint32_t code,
                                              const Request& request, std::uint32_t since_protocol,
                                              const os::Patience& patience) {
    if (protocol() < since_protocol) {
        return os::fail(operation, proto::kStatusNotSupported, os::Reaction::fallback,
                        "the driver of '" + instance_ + "' speaks protocol " +
                            std::to_string(protocol()) + ", this needs " +
                            std::to_string(since_protocol));
    }
    os::Remark remark;
    const auto result =
        call(operation, code, std::as_bytes(std::span(&request, 1)), {}, patience, &remark);
    if (!result) {
        return tl::unexpected(result.error());
    }
    return remark;
}

os::Result<proto::AddReply> DriverConnection::add(const proto::AddRequest& request,
                                                  const StopSignal* stop) {
    const auto whole = std::as_bytes(std::span(&request, 1));
    const auto input = protocol() < 3 ? whole.first(proto::kAddRequestLegacySize) : whole;
    return call_add(proto::kIoctlAdd, request.session_id, input, stop);
}

os::Result<std::optional<proto::AddReply>> DriverConnection::add_exact(
    const proto::AddExactRequest& request, const StopSignal* stop) {
    auto reply = call_add(proto::kIoctlAddExact, request.add.session_id,
                          std::as_bytes(std::span(&request, 1)), stop);
    if (!reply && reply.error().code == proto::kStatusNotFound) {
        return std::nullopt;
    }
    return reply;
}

os::Result<proto::AddReply> DriverConnection::call_add(std::uint32_t code, std::uint64_t session_id,
                                                       std::span<const std::byte> input,
                                                       const StopSignal* stop) {
    std::array<std::byte, sizeof(proto::AddReply)> reply{};
    const auto got = call("Add", code, input, reply, long_patience(stop));
    if (!got) {
        if (os::DeviceChannel::unanswered(got.error())) {
            (void)remove(session_id, kUndoNs);  // the driver may serve it late
        }
        return tl::unexpected(got.error());
    }
    auto checked = check_reply(std::span(reply).first(*got));
    if (!checked) {
        (void)remove(session_id);
    }
    return checked;
}

os::Result<proto::AddReply> DriverConnection::check_reply(std::span<const std::byte> bytes) {
    proto::AddReply reply;
    if (!proto::read_prefix(raw(bytes), bytes.size(), proto::kAddReplyLegacySize, reply)) {
        return os::fail("Add", kShortReply, os::Reaction::fallback,
                        "the driver answered " + std::to_string(bytes.size()) +
                            " bytes instead of 20 or 24; the monitor was taken back");
    }
    if (const auto trusted = channel_->trust(reply.wudf_pid); !trusted) {
        return os::fail("Add", kForeignProcess, trusted.error().reaction,
                        trusted.error().detail + "; no handle is given to a stranger");
    }
    if (reply.resolved_monitor_id < proto::kMonitorIdFirst ||
        reply.resolved_monitor_id > proto::kMonitorIdLast) {
        return os::fail("Add", kShortReply, os::Reaction::fallback,
                        "the driver answered with monitor id " +
                            std::to_string(reply.resolved_monitor_id) + ", outside 1..15");
    }
    return reply;
}

os::Result<void> DriverConnection::remove(std::uint64_t session_id, std::int64_t timeout_ns,
                                          const StopSignal* stop) {
    return without_remark(send("Remove", proto::kIoctlRemove, proto::RemoveRequest{session_id}, 1,
                               patience(stop, timeout_ns)));
}

os::Result<void> DriverConnection::update_modes(const proto::UpdateModesRequest& request,
                                                const StopSignal* stop) {
    return without_remark(
        send("UpdateModes", proto::kIoctlUpdateModes, request, 4, long_patience(stop)));
}

os::Result<bool> DriverConnection::update_modes_exact(const proto::UpdateModesExactRequest& request,
                                                      const StopSignal* stop) {
    const auto sent =
        send("UpdateModes", proto::kIoctlUpdateModesExact, request, 4, long_patience(stop));
    if (!sent && sent.error().code == proto::kStatusNotFound) {
        return false;
    }
    return sent ? os::Result<bool>(true) : tl::unexpected(sent.error());
}

os::Result<os::Remark> DriverConnection::set_frame_channel(
    const proto::SetFrameChannelRequest& request, const StopSignal* stop) {
    return send("SetFrameChannel", proto::kIoctlSetFrameChannel, request, 2, patience(stop));
}

os::Result<os::Remark> DriverConnection::set_cursor_channel(
    const proto::SetCursorChannelRequest& request, const StopSignal* stop) {
    return send("SetCursorChannel", proto::kIoctlSetCursorChannel, request, 5, patience(stop));
}

os::Result<void> DriverConnection::set_cursor_forward(const proto::SetCursorForwardRequest& request,
                                                      const StopSignal* stop) {
    return without_remark(
        send("SetCursorForward", proto::kIoctlSetCursorForward, request, 6, patience(stop)));
}

os::Result<void> DriverConnection::set_render_adapter(
    const proto::SetRenderAdapterRequest& request) {
    return without_remark(
        send("SetRenderAdapter", proto::kIoctlSetRenderAdapter, request, 1, patience(nullptr)));
}

os::Result<void> DriverConnection::clear_all() {
    const auto done = call("ClearAll", proto::kIoctlClearAll, {}, {}, patience(nullptr));
    return done ? os::Result<void>{} : tl::unexpected(done.error());
}

os::Result<void> DriverConnection::ping(const StopSignal* stop) {
    const std::int64_t asked_ns = clock_.now_ns();
    const auto done = call("Ping", proto::kIoctlPing, {}, {}, patience(stop, kPingTimeoutNs));
    if (!done && done.error().code == os::DeviceChannel::kTimeout) {
        std::int64_t since_ns = 0;
        failing_since_ns_.compare_exchange_strong(since_ns, asked_ns);
        if (is_silent(clock_.now_ns())) {
            silent_.set();
        }
    }
    return done ? os::Result<void>{} : tl::unexpected(done.error());
}

bool DriverConnection::is_silent(std::int64_t now_ns) const {
    const std::int64_t since_ns = failing_since_ns();
    return since_ns != 0 && now_ns - since_ns >= kControlTimeoutNs;
}

os::Result<std::vector<std::uint64_t>> DriverConnection::give_all(std::span<const os::Gift> gifts,
                                                                  const StopSignal* stop) {
    return noted(channel_->give_all(gifts, patience(stop)));
}

os::Result<void> DriverConnection::close_remote(std::uint64_t value, std::int64_t deadline_ns) {
    return noted(channel_->close_remote(value, deadline_ns));
}

}  // namespace pf::host
