#include "device/driver_connection.hpp"

#include <algorithm>
#include <array>

#include <pf/host/errors.hpp>
#include <pf/os/clock.hpp>

namespace pf::host {
namespace {

// A stopped driver answers when it runs again; asking in slices keeps the wait cancellable.
constexpr std::int64_t kHandshakeSliceNs = 100 * os::kMillisecond;

// A Remove behind an Add that got no answer in time has to be queued, not waited for.
constexpr std::int64_t kUndoNs = 100 * os::kMillisecond;

const unsigned char* raw(std::span<const std::byte> bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

tl::unexpected<os::Error> mismatch(std::uint32_t version) {
    return os::fail("handshake", kProtocolMismatch, os::Reaction::fallback,
                    "the driver speaks protocol " + std::to_string(version) +
                        ", this host speaks " + std::to_string(proto::kMinDriverProtocolVersion) +
                        " to " + std::to_string(proto::kProtocolVersion) +
                        ": update the older one");
}

}  // namespace

DriverConnection::DriverConnection(std::unique_ptr<os::DeviceChannel> channel, std::string instance)
    : channel_(std::move(channel)), instance_(std::move(instance)) {}

os::Result<std::shared_ptr<DriverConnection>> DriverConnection::establish(
    std::unique_ptr<os::DeviceChannel> channel, std::string instance, std::int64_t deadline_ns,
    const StopSignal* stop, std::uint32_t* seen_version) {
    std::shared_ptr<DriverConnection> self(
        new DriverConnection(std::move(channel), std::move(instance)));
    std::array<std::byte, sizeof(proto::InfoReply)> reply{};
    for (;;) {
        const std::int64_t slice_ns = std::min(deadline_ns, os::deadline_after(kHandshakeSliceNs));
        auto got = self->call("GetInfo", proto::kIoctlGetInfo, {}, reply, slice_ns);
        if (got) {
            if (!proto::read_struct(raw(reply), *got, self->info_)) {
                return os::fail("handshake", kShortReply, os::Reaction::fallback,
                                "the driver answered GetInfo with " + std::to_string(*got) +
                                    " bytes instead of 8: it is no driver of this contract");
            }
            break;
        }
        if (got.error().code != os::DeviceChannel::kTimeout) {
            return tl::unexpected(got.error());
        }
        if (os::now_ns() >= deadline_ns || (stop != nullptr && stop->stopped())) {
            return os::fail("handshake", os::DeviceChannel::kTimeout, os::Reaction::retry,
                            "the driver process does not answer (stopped or hung)");
        }
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

bool DriverConnection::usable() const {
    return !gone_.load() && process().alive();
}

template <typename T>
os::Result<T> DriverConnection::noted(os::Result<T> result) {
    if (!result && result.error().reaction == os::Reaction::reopen) {
        mark_gone();
    } else if (result || result.error().code != os::DeviceChannel::kTimeout) {
        last_answer_ns_.store(os::now_ns());
        failing_since_ns_.store(0);
    }
    return result;
}

os::Result<std::size_t> DriverConnection::call(const char* operation, std::uint32_t code,
                                               std::span<const std::byte> input,
                                               std::span<std::byte> output,
                                               std::int64_t deadline_ns, os::Remark* remark) {
    auto result = noted(channel_->call(code, input, output, deadline_ns, remark));
    if (!result) {
        result.error().operation = operation;
        return result;
    }
    if (*result > output.size()) {
        return os::fail(operation, kShortReply, os::Reaction::fallback,
                        "the driver claims a longer reply than was asked for");
    }
    return result;
}

template <typename Request>
os::Result<void> DriverConnection::send(const char* operation, std::uint32_t code,
                                        const Request& request, std::uint32_t since_protocol,
                                        std::int64_t timeout_ns, os::Remark* remark) {
    if (protocol() < since_protocol) {
        return os::fail(operation, proto::kStatusNotSupported, os::Reaction::fallback,
                        "the driver of '" + instance_ + "' speaks protocol " +
                            std::to_string(protocol()) + ", this needs " +
                            std::to_string(since_protocol));
    }
    const auto bytes = std::as_bytes(std::span(&request, 1));
    const auto result = call(operation, code, bytes, {}, os::deadline_after(timeout_ns), remark);
    if (!result) {
        return tl::unexpected(result.error());
    }
    return {};
}

os::Result<proto::AddReply> DriverConnection::add(const proto::AddRequest& request) {
    const auto whole = std::as_bytes(std::span(&request, 1));
    const auto input = protocol() < 3 ? whole.first(proto::kAddRequestLegacySize) : whole;
    return call_add(proto::kIoctlAdd, request.session_id, input);
}

os::Result<std::optional<proto::AddReply>> DriverConnection::add_exact(
    const proto::AddExactRequest& request) {
    auto reply = call_add(proto::kIoctlAddExact, request.add.session_id,
                          std::as_bytes(std::span(&request, 1)));
    if (!reply && reply.error().code == proto::kStatusNotFound) {
        return std::nullopt;
    }
    return reply;
}

os::Result<proto::AddReply> DriverConnection::call_add(std::uint32_t code, std::uint64_t session_id,
                                                       std::span<const std::byte> input) {
    std::array<std::byte, sizeof(proto::AddReply)> reply{};
    const auto got = call("Add", code, input, reply, os::deadline_after(kControlTimeoutNs));
    if (!got) {
        if (got.error().code == os::DeviceChannel::kTimeout) {
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

os::Result<proto::AddReply> DriverConnection::check_reply(std::span<const std::byte> bytes) const {
    proto::AddReply reply;
    if (!proto::read_prefix(raw(bytes), bytes.size(), proto::kAddReplyLegacySize, reply)) {
        return os::fail("Add", kShortReply, os::Reaction::fallback,
                        "the driver answered " + std::to_string(bytes.size()) +
                            " bytes instead of 20 or 24; the monitor was taken back");
    }
    const std::uint32_t known_pid = process().own_pid();
    if (known_pid != 0 && reply.wudf_pid != known_pid) {
        return os::fail("Add", kForeignProcess, os::Reaction::reject,
                        "the driver names process " + std::to_string(reply.wudf_pid) +
                            " but runs as " + std::to_string(known_pid) +
                            "; no handle is given to a stranger");
    }
    if (reply.resolved_monitor_id < proto::kMonitorIdFirst ||
        reply.resolved_monitor_id > proto::kMonitorIdLast) {
        return os::fail("Add", kShortReply, os::Reaction::fallback,
                        "the driver answered with monitor id " +
                            std::to_string(reply.resolved_monitor_id) + ", outside 1..15");
    }
    return reply;
}

os::Result<void> DriverConnection::remove(std::uint64_t session_id, std::int64_t timeout_ns) {
    return send("Remove", proto::kIoctlRemove, proto::RemoveRequest{session_id}, 1, timeout_ns);
}

os::Result<void> DriverConnection::update_modes(const proto::UpdateModesRequest& request) {
    return send("UpdateModes", proto::kIoctlUpdateModes, request, 4);
}

os::Result<bool> DriverConnection::update_modes_exact(
    const proto::UpdateModesExactRequest& request) {
    const auto sent = send("UpdateModes", proto::kIoctlUpdateModesExact, request, 4);
    if (!sent && sent.error().code == proto::kStatusNotFound) {
        return false;
    }
    return sent ? os::Result<bool>(true) : tl::unexpected(sent.error());
}

os::Result<os::Remark> DriverConnection::set_frame_channel(
    const proto::SetFrameChannelRequest& request) {
    os::Remark remark;
    const auto sent = send("SetFrameChannel", proto::kIoctlSetFrameChannel, request, 2,
                           kControlTimeoutNs, &remark);
    if (!sent) {
        return tl::unexpected(sent.error());
    }
    return remark;
}

os::Result<void> DriverConnection::set_cursor_channel(
    const proto::SetCursorChannelRequest& request) {
    return send("SetCursorChannel", proto::kIoctlSetCursorChannel, request, 5);
}

os::Result<void> DriverConnection::set_cursor_forward(
    const proto::SetCursorForwardRequest& request) {
    return send("SetCursorForward", proto::kIoctlSetCursorForward, request, 6);
}

os::Result<void> DriverConnection::set_render_adapter(
    const proto::SetRenderAdapterRequest& request) {
    return send("SetRenderAdapter", proto::kIoctlSetRenderAdapter, request, 1);
}

os::Result<void> DriverConnection::clear_all() {
    const auto done =
        call("ClearAll", proto::kIoctlClearAll, {}, {}, os::deadline_after(kControlTimeoutNs));
    return done ? os::Result<void>{} : tl::unexpected(done.error());
}

os::Result<void> DriverConnection::ping() {
    const std::int64_t asked_ns = os::now_ns();
    const auto done = call("Ping", proto::kIoctlPing, {}, {}, os::deadline_after(kPingTimeoutNs));
    if (!done && done.error().code == os::DeviceChannel::kTimeout) {
        std::int64_t since_ns = 0;
        failing_since_ns_.compare_exchange_strong(since_ns, asked_ns);
    }
    return done ? os::Result<void>{} : tl::unexpected(done.error());
}

os::Result<std::uint64_t> DriverConnection::give(const os::Handle& handle, os::Right right) {
    auto value = noted(channel_->give(handle, right, os::deadline_after(kControlTimeoutNs)));
    if (value && *value == 0) {
        return os::fail("give a handle", kShortReply, os::Reaction::fallback,
                        "the driver's process named no value for it");
    }
    return value;
}

os::Result<void> DriverConnection::close_remote(std::uint64_t value, std::int64_t deadline_ns) {
    return noted(channel_->close_remote(value, deadline_ns));
}

}  // namespace pf::host
