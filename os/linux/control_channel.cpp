#include "control_channel.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <pf/os/clock.hpp>
#include <pf/os/linux/seqpacket.hpp>
#include <pf/proto/control.hpp>

#include "descriptor_poll.hpp"
#include "error_codes.hpp"
#include "process_view.hpp"
#include "readable_line.hpp"

namespace pf::os {

namespace {

constexpr std::size_t kHeaderBytes = sizeof(proto::TransportReply);
constexpr const char* kNonsense = "the other side does not speak the control protocol";

const unsigned char* raw(const std::byte* bytes) {
    return reinterpret_cast<const unsigned char*>(bytes);
}

tl::unexpected<Error> fail_timeout(const char* operation, std::int64_t waited_ns) {
    return fail(operation, DeviceChannel::kTimeout, Reaction::retry,
                "driver did not answer within " +
                    std::to_string(std::max<std::int64_t>(0, waited_ns) / kMillisecond) + " ms");
}

}  // namespace

Result<std::size_t> ControlChannel::call(std::uint32_t code, std::span<const std::byte> input,
                                         std::span<std::byte> output, std::int64_t deadline_ns,
                                         Remark* remark) {
    const char* operation = operation_name(code);
    if (input.size() > proto::kTransportMaxPayload) {
        return fail(operation, 0, Reaction::bug, "the request is too long for the transport");
    }
    const std::size_t capacity = std::min<std::size_t>(output.size(), proto::kTransportMaxPayload);
    Request request{operation, {}, input};
    request.header.kind = proto::kTransportControl;
    request.header.code = code;
    request.header.payload_bytes = static_cast<std::uint32_t>(input.size());
    request.header.reply_capacity = static_cast<std::uint32_t>(capacity);
    request.header.value = proto::kTransportMaxReason;
    const Result<Answer> answer = exchange(request, deadline_ns);
    if (!answer) {
        return tl::unexpected(answer.error());
    }
    const Remark said{readable_line(answer->reason),
                      (answer->header.value & proto::kTransportReasonFinal) != 0};
    if (answer->header.status != proto::kStatusSuccess) {
        return fail_status(code, answer->header.status, said);
    }
    if (remark != nullptr) {
        *remark = said;
    }
    const std::size_t bytes = std::min<std::size_t>(answer->header.payload_bytes, capacity);
    if (bytes != 0) {
        std::memcpy(output.data(), answer->payload, bytes);
    }
    return bytes;
}

// Every right that exists here is what the descriptor grants anyway: a sealed memory object is
// mapped for reading and writing, an event is written.
Result<std::uint64_t> ControlChannel::give(const Handle& handle, Right, std::int64_t deadline_ns) {
    const char* operation = "give handle";
    if (!handle) {
        return fail(operation, 0, Reaction::bug, "the handle is empty");
    }
    Request request{operation, {}, {}, &handle};
    request.header.kind = proto::kTransportGiveHandle;
    const Result<Answer> answer = exchange(request, deadline_ns);
    if (!answer) {
        return tl::unexpected(answer.error());
    }
    if (answer->header.status != proto::kStatusSuccess) {
        return fail(operation, answer->header.status, reaction_of_status(answer->header.status),
                    "the driver does not take it");
    }
    if (answer->header.value == 0) {
        return fail(operation, 0, Reaction::reject, "the driver names no value for it");
    }
    return answer->header.value;
}

Result<void> ControlChannel::close_remote(std::uint64_t value, std::int64_t deadline_ns) {
    const char* operation = "close given handle";
    Request request{operation, {}, {}};
    request.header.kind = proto::kTransportCloseHandle;
    request.header.value = value;
    const Result<Answer> answer = exchange(request, deadline_ns);
    if (!answer) {
        return tl::unexpected(answer.error());
    }
    if (answer->header.status != proto::kStatusSuccess) {
        return fail(operation, answer->header.status, reaction_of_status(answer->header.status),
                    "the driver does not know the value " + std::to_string(value));
    }
    return {};
}

Result<ControlChannel::Answer> ControlChannel::exchange(Request request, std::int64_t deadline_ns) {
    const std::int64_t started_ns = now_ns();
    const Turn::Hold hold = turn_.take(deadline_ns);
    if (!hold) {
        close_later(request);
        return fail_timeout(request.operation, now_ns() - started_ns);
    }
    if (dead_) {
        return give_up(request.operation, ECONNRESET, "the connection to the driver is gone");
    }
    send_late_closes();
    request.header.magic = proto::kTransportMagic;
    request.header.version = proto::kTransportVersion;
    request.header.request_id = ++last_id_;
    const Result<void> sent = send(request, deadline_ns);
    if (!sent) {
        close_later(request);
        return tl::unexpected(sent.error());
    }
    return await_reply(request, deadline_ns);
}

Result<void> ControlChannel::send(const Request& request, std::int64_t deadline_ns) {
    const std::int64_t started_ns = now_ns();
    std::byte message[sizeof(proto::TransportRequest) + proto::kTransportMaxPayload];
    const std::size_t head = proto::write_prefix(
        request.header, reinterpret_cast<unsigned char*>(message), sizeof message);
    std::copy(request.payload.begin(), request.payload.end(), message + head);
    const std::span<const std::byte> whole(message, head + request.payload.size());
    for (;;) {
        const Result<void> sent = send_message(socket_, whole, request.give);
        if (!sent && sent.error().reaction == Reaction::reopen) {
            return give_up(request.operation, ECONNRESET, "the driver process is gone");
        }
        if (sent || sent.error().code != EAGAIN) {
            return sent;
        }
        if (!poll_one(socket_, POLLOUT, deadline_ns)) {
            return fail_timeout(request.operation, now_ns() - started_ns);
        }
    }
}

Result<ControlChannel::Answer> ControlChannel::await_reply(const Request& request,
                                                           std::int64_t deadline_ns) {
    const std::int64_t started_ns = now_ns();
    const std::uint64_t id = request.header.request_id;
    // The process as well: a descriptor of its that leaked elsewhere keeps the connection open.
    pollfd entries[] = {{descriptor_of(socket_), POLLIN, 0}, poll_end(driver_)};
    // Checked after every message, or a flood of late replies would outlast the deadline.
    while (poll_until(entries, deadline_ns)) {
        Result<std::optional<Answer>> received = receive(request.operation);
        if (!received) {
            return tl::unexpected(received.error());
        }
        if (!*received && entries[1].revents != 0) {
            return give_up(request.operation, ECONNRESET, "the driver process is gone");
        }
        if (*received && (*received)->header.request_id == id) {
            if (!answers(**received, request)) {
                return give_up(request.operation, EPROTO, kNonsense);
            }
            return std::move(**received);
        }
        if (*received) {
            settle_late_reply((*received)->header);
        }
        if (deadline_ns != kNever && now_ns() >= deadline_ns) {
            break;
        }
    }
    if (request.give != nullptr) {
        abandoned_gives_.insert(id);
    }
    return fail_timeout(request.operation, now_ns() - started_ns);
}

Result<std::optional<ControlChannel::Answer>> ControlChannel::receive(const char* operation) {
    std::byte message[kHeaderBytes + proto::kTransportMaxPayload + proto::kTransportMaxReason];
    const Result<ReceivedMessage> received = receive_message(socket_, message);
    if (!received && received.error().code == EAGAIN) {
        return std::nullopt;
    }
    if (!received || received->bytes == 0) {
        return give_up(operation, ECONNRESET, "the driver closed the connection");
    }
    Answer answer;
    if (received->truncated || received->handles_dropped || !received->handles.empty() ||
        !proto::read_struct(raw(message), received->bytes, answer.header) ||
        !is_plausible(answer.header, received->bytes)) {
        return give_up(operation, EPROTO, kNonsense);
    }
    const std::byte* reason = message + kHeaderBytes + answer.header.payload_bytes;
    std::copy(static_cast<const std::byte*>(message) + kHeaderBytes, reason, answer.payload);
    answer.reason.assign(reinterpret_cast<const char*>(reason),
                         static_cast<std::size_t>(message + received->bytes - reason));
    return answer;
}

bool ControlChannel::is_plausible(const proto::TransportReply& reply,
                                  std::size_t message_bytes) const {
    return reply.magic == proto::kTransportMagic && reply.version == proto::kTransportVersion &&
           reply.payload_bytes <= proto::kTransportMaxPayload &&
           reply.payload_bytes <= message_bytes - kHeaderBytes &&
           message_bytes - kHeaderBytes - reply.payload_bytes <= proto::kTransportMaxReason &&
           reply.request_id != 0 && reply.request_id <= last_id_;
}

// Only the reply to a control operation has a reason, and it says how long that is.
bool ControlChannel::answers(const Answer& answer, const Request& request) {
    const std::uint64_t announced = request.header.kind == proto::kTransportControl
                                        ? answer.header.value & proto::kTransportReasonBytesMask
                                        : 0;
    return answer.header.payload_bytes <= request.header.reply_capacity &&
           answer.reason.size() == announced;
}

void ControlChannel::settle_late_reply(const proto::TransportReply& reply) {
    if (abandoned_gives_.erase(reply.request_id) == 0 || reply.status != proto::kStatusSuccess ||
        reply.value == 0) {
        return;
    }
    // If it cannot be sent, the end of the connection closes the handle.
    (void)send_close(reply.value);
}

void ControlChannel::close_later(const Request& request) {
    if (request.header.kind == proto::kTransportCloseHandle) {
        const std::lock_guard lock(late_mutex_);
        late_closes_.push_back(request.header.value);
    }
}

void ControlChannel::send_late_closes() {
    const std::lock_guard lock(late_mutex_);
    while (!late_closes_.empty() && send_close(late_closes_.back())) {
        late_closes_.pop_back();
    }
}

bool ControlChannel::send_close(std::uint64_t value) {
    proto::TransportRequest request{};
    request.magic = proto::kTransportMagic;
    request.version = proto::kTransportVersion;
    request.request_id = ++last_id_;
    request.kind = proto::kTransportCloseHandle;
    request.value = value;
    return send_message(socket_, std::as_bytes(std::span(&request, 1)), nullptr).has_value();
}

tl::unexpected<Error> ControlChannel::give_up(const char* operation, int code, const char* why) {
    dead_ = true;
    ::shutdown(descriptor_of(socket_), SHUT_RDWR);  // also where the process is held by it
    socket_.reset();
    return fail(operation, code, Reaction::reopen, why);
}

}  // namespace pf::os
