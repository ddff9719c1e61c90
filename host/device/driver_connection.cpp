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
    std::shared_ptr<DriverConnection> self(
        new DriverConnection(std::move(channel), std::move(instance), clock));
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

// A driver that is stopped answers when it runs again, so it is asked in slices.
os::Result<std::size_t> DriverConnection::get_info(std::span<std::byte> reply,
                                                   std::int64_t deadline_ns,
                                                   const StopSignal* stop) {
    for (;;) {
        const std::int64_t slice_ns =
            std::min(deadline_ns, clock_.deadline_after(kHandshakeSliceNs));
        auto got = call("GetInfo", proto::kIoctlGetInfo, {}, reply, slice_ns);
        if (got || got.error().code != os::DeviceChannel::kTimeout) {
            return got;
        }
        if (clock_.now_ns() >= deadline_ns || (stop != nullptr && stop->stopped())) {
            return os::fail("handshake", os::DeviceChannel::kTimeout, os::Reaction::retry,
                            "the driver process does not answer (stopped or hung)");
        }
    }
}

template <typename T>
os::Result<T> DriverConnection::noted(os::Result<T> result) {
    if (!result && result.error().reaction == os::Reaction::reopen) {
        mark_gone();
    } else if (result || !os::DeviceChannel::unanswered(result.error())) {
        last_answer_ns_.store(clock_.now_ns());
        failing_since_ns_.store(0);
    }
    return result;
}

os::Result<std::size_t> DriverConnection::call(const char* operation, std::uint32_t code,
                                               std::span<const std::byte> input,
                                               std::span<std::byte> output,
                                               const os::Patience& patience, os::Remark* remark) {
    auto result = noted(channel_->call(code, input, output, patience, remark));
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
                                                  const os::Flag* cancel) {
    const auto whole = std::as_bytes(std::span(&request, 1));
    const auto input = protocol() < 3 ? whole.first(proto::kAddRequestLegacySize) : whole;
    return call_add(proto::kIoctlAdd, request.session_id, input, cancel);
}

os::Result<std::optional<proto::AddReply>> DriverConnection::add_exact(
    const proto::AddExactRequest& request, const os::Flag* cancel) {
    auto reply = call_add(proto::kIoctlAddExact, request.add.session_id,
                          std::as_bytes(std::span(&request, 1)), cancel);
    if (!reply && reply.error().code == proto::kStatusNotFound) {
        return std::nullopt;
    }
    return reply;
}

os::Result<proto::AddReply> DriverConnection::call_add(std::uint32_t code, std::uint64_t session_id,
                                                       std::span<const std::byte> input,
                                                       const os::Flag* cancel) {
    std::array<std::byte, sizeof(proto::AddReply)> reply{};
    const auto got = call("Add", code, input, reply, patience(cancel));
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

os::Result<void> DriverConnection::remove(std::uint64_t session_id, std::int64_t timeout_ns) {
    return without_remark(send("Remove", proto::kIoctlRemove, proto::RemoveRequest{session_id}, 1,
                               patience(nullptr, timeout_ns)));
}

os::Result<void> DriverConnection::update_modes(const proto::UpdateModesRequest& request,
                                                const os::Flag* cancel) {
    return without_remark(
        send("UpdateModes", proto::kIoctlUpdateModes, request, 4, patience(cancel)));
}

os::Result<bool> DriverConnection::update_modes_exact(const proto::UpdateModesExactRequest& request,
                                                      const os::Flag* cancel) {
    const auto sent =
        send("UpdateModes", proto::kIoctlUpdateModesExact, request, 4, patience(cancel));
    if (!sent && sent.error().code == proto::kStatusNotFound) {
        return false;
    }
    return sent ? os::Result<bool>(true) : tl::unexpected(sent.error());
}

os::Result<os::Remark> DriverConnection::set_frame_channel(
    const proto::SetFrameChannelRequest& request, const os::Flag* cancel) {
    return send("SetFrameChannel", proto::kIoctlSetFrameChannel, request, 2, patience(cancel));
}

os::Result<os::Remark> DriverConnection::set_cursor_channel(
    const proto::SetCursorChannelRequest& request, const os::Flag* cancel) {
    return send("SetCursorChannel", proto::kIoctlSetCursorChannel, request, 5, patience(cancel));
}

os::Result<void> DriverConnection::set_cursor_forward(
    const proto::SetCursorForwardRequest& request) {
    return without_remark(
        send("SetCursorForward", proto::kIoctlSetCursorForward, request, 6, patience(nullptr)));
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

os::Result<void> DriverConnection::ping() {
    const std::int64_t asked_ns = clock_.now_ns();
    const auto done = call("Ping", proto::kIoctlPing, {}, {}, patience(nullptr, kPingTimeoutNs));
    if (!done && done.error().code == os::DeviceChannel::kTimeout) {
        std::int64_t since_ns = 0;
        failing_since_ns_.compare_exchange_strong(since_ns, asked_ns);
    }
    return done ? os::Result<void>{} : tl::unexpected(done.error());
}

os::Result<std::vector<std::uint64_t>> DriverConnection::give_all(std::span<const os::Gift> gifts,
                                                                  const os::Flag* cancel) {
    return noted(channel_->give_all(gifts, patience(cancel)));
}

os::Result<void> DriverConnection::close_remote(std::uint64_t value, std::int64_t deadline_ns) {
    return noted(channel_->close_remote(value, deadline_ns));
}

}  // namespace pf::host
