#include "request_line.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <pf/os/clock.hpp>
#include <pf/os/device_channel.hpp>
#include <pf/os/linux/seqpacket.hpp>
#include <pf/os/wait.hpp>
#include <pf/proto/control.hpp>

#include "descriptor_poll.hpp"
#include "process_view.hpp"

namespace pf::os {

namespace {

constexpr std::size_t kHeaderBytes = sizeof(proto::TransportReply);
constexpr const char* kGone = "the driver process is gone";

bool all_answered(std::span<const Exchange> exchanges) {
    return std::all_of(exchanges.begin(), exchanges.end(),
                       [](const Exchange& exchange) { return exchange.answered; });
}

// The connection, the driver's end, and the flags.
std::array<pollfd, 5> poll_for(const Handle& socket, short events, const Process& driver,
                               const Patience& patience) {
    std::array<pollfd, 5> entries{pollfd{descriptor_of(socket), events, 0}, poll_end(driver)};
    for (std::size_t i = 0; i < patience.flags.size(); ++i) {
        const Flag* flag = patience.flags[i];
        entries[2 + i] = {flag != nullptr ? descriptor_of(flag->handle()) : -1, POLLIN, 0};
    }
    return entries;
}

bool told_to_end(const std::array<pollfd, 5>& entries) {
    return std::any_of(entries.begin() + 2, entries.end(),
                       [](const pollfd& each) { return each.revents != 0; });
}

// Only the reply to a control operation has a reason, and it says how long that is.
bool fits(const proto::TransportReply& reply, std::size_t reason_bytes, const Exchange& exchange) {
    const std::uint64_t announced = exchange.request.kind == proto::kTransportControl
                                        ? reply.value & proto::kTransportReasonBytesMask
                                        : 0;
    return reply.payload_bytes <= exchange.request.reply_capacity && reason_bytes == announced;
}

}  // namespace

// The exchanges of one call, known to whoever receives as long as this lives.
class RequestLine::Caller {
public:
    Caller(RequestLine& line, std::span<Exchange> exchanges, Event wake)
        : line_(line), exchanges_(exchanges), wake_(std::move(wake)) {
        const std::lock_guard lock(line_.mutex_);
        line_.pending_.reserve(line_.pending_.size() + exchanges.size());
        line_.abandoned_gives_.reserve(line_.abandoned_gives_.size() + line_.pending_.size() +
                                       exchanges.size());
        for (Exchange& exchange : exchanges_) {
            exchange.wake = &wake_;
            line_.pending_.push_back(&exchange);
        }
    }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    ~Caller() {
        const std::lock_guard lock(line_.mutex_);
        for (const Exchange& exchange : exchanges_) {
            std::erase(line_.pending_, &exchange);
            if (exchange.give != nullptr && !exchange.answered &&
                exchange.request.request_id != 0) {
                line_.abandoned_gives_.push_back(exchange.request.request_id);
            }
        }
        if (line_.spare_wakes_.size() < line_.spare_wakes_.capacity()) {
            line_.spare_wakes_.push_back(std::move(wake_));
        }
    }

    const Event& wake() const { return wake_; }

private:
    RequestLine& line_;
    const std::span<Exchange> exchanges_;
    Event wake_;
};

// Whoever ends to receive tells the others, so that one of them goes on.
class RequestLine::Receiver {
public:
    explicit Receiver(RequestLine& line) : line_(line) {}
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;
    ~Receiver() {
        const std::lock_guard lock(line_.mutex_);
        line_.receiving_ = false;
        line_.wake_all();
    }

private:
    RequestLine& line_;
};

RequestLine::RequestLine(Handle socket, const Process& driver, Event wake)
    : socket_(std::move(socket)), driver_(driver) {
    spare_wakes_.push_back(std::move(wake));
}

Result<void> RequestLine::exchange(std::span<Exchange> exchanges, const Patience& patience) {
    const std::int64_t began_ns = now_ns();
    const Result<Outcome> outcome = exchange_all(exchanges, patience);
    if (!outcome) {
        return tl::unexpected(outcome.error());
    }
    if (*outcome != Outcome::done) {
        return tl::unexpected(error_of(*outcome, exchanges[0].operation, now_ns() - began_ns));
    }
    return {};
}

Result<RequestLine::Outcome> RequestLine::exchange_all(std::span<Exchange> exchanges,
                                                       const Patience& patience) {
    if (patience.cancelled()) {
        return Outcome::cancelled;
    }
    Result<Event> wake = take_wake();
    if (!wake) {
        return tl::unexpected(wake.error());
    }
    const Caller caller(*this, exchanges, std::move(*wake));
    for (Exchange& exchange : exchanges) {
        const Result<Outcome> sent = send(exchange, patience);
        if (!sent || *sent != Outcome::done) {
            return sent;
        }
    }
    return await(exchanges, caller.wake(), patience);
}

Error RequestLine::error_of(Outcome outcome, const char* operation, std::int64_t waited_ns) {
    switch (outcome) {
        case Outcome::cancelled:
            return {operation, DeviceChannel::kCancelled, Reaction::retry, "it was cancelled"};
        case Outcome::deadline:
            return {operation, DeviceChannel::kTimeout, Reaction::retry,
                    "driver did not answer within " +
                        std::to_string(std::max<std::int64_t>(0, waited_ns) / kMillisecond) +
                        " ms"};
        default: {
            const std::lock_guard lock(mutex_);
            return {operation, death_code_, Reaction::reopen, death_};
        }
    }
}

Result<Event> RequestLine::take_wake() {
    const std::lock_guard lock(mutex_);
    if (spare_wakes_.empty()) {
        return Event::create();
    }
    Event wake = std::move(spare_wakes_.back());
    spare_wakes_.pop_back();
    return wake;
}

Result<RequestLine::Outcome> RequestLine::send(Exchange& exchange, const Patience& patience) {
    for (;;) {
        {
            const std::lock_guard lock(mutex_);
            const Result<void> sent = death_ == nullptr ? send_now(exchange) : Result<void>();
            if (death_ != nullptr) {
                return Outcome::dead;
            }
            if (sent) {
                return Outcome::done;
            }
            if (sent.error().code != EAGAIN) {
                return tl::unexpected(sent.error());
            }
        }
        auto entries = poll_for(socket_, POLLOUT, driver_, patience);
        if (!poll_until(entries, patience.deadline_ns)) {
            return Outcome::deadline;
        }
        if (told_to_end(entries)) {
            return Outcome::cancelled;
        }
        if (entries[0].revents == 0) {
            const std::lock_guard lock(mutex_);
            return give_up(ECONNRESET, kGone);
        }
    }
}

RequestLine::Outcome RequestLine::await(std::span<const Exchange> exchanges, const Event& wake,
                                        const Patience& patience) {
    for (;;) {
        bool my_turn = false;
        {
            const std::lock_guard lock(mutex_);
            if (all_answered(exchanges)) {
                return Outcome::done;
            }
            if (death_ != nullptr) {
                return Outcome::dead;
            }
            my_turn = !std::exchange(receiving_, true);
        }
        if (my_turn) {
            const Receiver receiver(*this);
            return receive_for_all(exchanges, patience);
        }
        WaitItem items[] = {wake, patience.flags[0], patience.flags[1], patience.flags[2]};
        if (!wait(std::span(items), patience.deadline_ns)) {
            return Outcome::deadline;
        }
        if (!items[0].ready()) {
            return Outcome::cancelled;
        }
    }
}

RequestLine::Outcome RequestLine::receive_for_all(std::span<const Exchange> exchanges,
                                                  const Patience& patience) {
    // The process as well: a descriptor of its that leaked elsewhere keeps the connection open.
    auto entries = poll_for(socket_, POLLIN, driver_, patience);
    // Checked after every message, or a flood of late replies would outlast the deadline.
    while (poll_until(entries, patience.deadline_ns)) {
        {
            const std::lock_guard lock(mutex_);
            const Took took = death_ == nullptr ? take_message() : Took::end;
            if (took == Took::nonsense) {
                return give_up(EPROTO, "the other side does not speak the control protocol");
            }
            if (took == Took::end) {
                return give_up(ECONNRESET, "the driver closed the connection");
            }
            if (took == Took::nothing && entries[1].revents != 0) {
                return give_up(ECONNRESET, kGone);
            }
            if (all_answered(exchanges)) {
                return Outcome::done;
            }
        }
        if (told_to_end(entries)) {
            return Outcome::cancelled;
        }
        if (patience.deadline_ns != kNever && now_ns() >= patience.deadline_ns) {
            break;
        }
    }
    return Outcome::deadline;
}

Result<void> RequestLine::send_now(Exchange& exchange) {
    send_late_closes();
    proto::TransportRequest request = exchange.request;
    request.magic = proto::kTransportMagic;
    request.version = proto::kTransportVersion;
    request.request_id = last_id_ + 1;
    std::byte message[sizeof request + proto::kTransportMaxPayload];
    std::memcpy(message, &request, sizeof request);
    std::copy(exchange.payload.begin(), exchange.payload.end(), message + sizeof request);
    const Result<void> sent = send_message(
        socket_, std::span(message, sizeof request + exchange.payload.size()), exchange.give);
    if (sent) {
        exchange.request.request_id = ++last_id_;
    } else if (sent.error().reaction == Reaction::reopen) {
        give_up(ECONNRESET, kGone);
    }
    return sent;
}

RequestLine::Took RequestLine::take_message() {
    std::byte message[kHeaderBytes + proto::kTransportMaxPayload + proto::kTransportMaxReason];
    const Result<ReceivedMessage> received = receive_message(socket_, message);
    if (!received && received.error().code == EAGAIN) {
        return Took::nothing;
    }
    if (!received || received->bytes == 0) {
        return Took::end;
    }
    proto::TransportReply reply{};
    if (received->truncated || received->handles_dropped || !received->handles.empty() ||
        !proto::read_struct(reinterpret_cast<const unsigned char*>(message), received->bytes,
                            reply) ||
        !is_plausible(reply, received->bytes)) {
        return Took::nonsense;
    }
    return settle(reply, std::span(message).first(received->bytes).subspan(kHeaderBytes));
}

bool RequestLine::is_plausible(const proto::TransportReply& reply,
                               std::size_t message_bytes) const {
    return reply.magic == proto::kTransportMagic && reply.version == proto::kTransportVersion &&
           reply.payload_bytes <= proto::kTransportMaxPayload &&
           reply.payload_bytes <= message_bytes - kHeaderBytes &&
           message_bytes - kHeaderBytes - reply.payload_bytes <= proto::kTransportMaxReason &&
           reply.request_id != 0 && reply.request_id <= last_id_;
}

// An answer that nobody waits for is late, or the second to one request.
RequestLine::Took RequestLine::settle(const proto::TransportReply& reply,
                                      std::span<const std::byte> content) {
    const auto found =
        std::find_if(pending_.begin(), pending_.end(), [&reply](const Exchange* exchange) {
            return exchange->request.request_id == reply.request_id && !exchange->answered;
        });
    if (found == pending_.end()) {
        close_late_gift(reply);
        return Took::message;
    }
    Exchange& exchange = **found;
    if (!fits(reply, content.size() - reply.payload_bytes, exchange)) {
        return Took::nonsense;
    }
    exchange.reply = reply;
    exchange.content_bytes = content.size();
    std::copy(content.begin(), content.end(), exchange.content);
    exchange.answered = true;
    exchange.wake->signal();
    return Took::message;
}

void RequestLine::close_late_gift(const proto::TransportReply& reply) {
    if (std::erase(abandoned_gives_, reply.request_id) != 0 &&
        reply.status == proto::kStatusSuccess && reply.value != 0) {
        // If it cannot be sent, the end of the connection closes the handle.
        (void)send_close(reply.value);
    }
}

void RequestLine::close_unwatched(std::uint64_t value) {
    const std::lock_guard lock(mutex_);
    if (death_ == nullptr && !send_close(value)) {
        late_closes_.push_back(value);
    }
}

void RequestLine::send_late_closes() {
    while (!late_closes_.empty() && send_close(late_closes_.back())) {
        late_closes_.pop_back();
    }
}

bool RequestLine::send_close(std::uint64_t value) {
    proto::TransportRequest request{};
    request.magic = proto::kTransportMagic;
    request.version = proto::kTransportVersion;
    request.request_id = ++last_id_;
    request.kind = proto::kTransportCloseHandle;
    request.value = value;
    return send_message(socket_, std::as_bytes(std::span(&request, 1)), nullptr).has_value();
}

void RequestLine::wake_all() const {
    for (const Exchange* exchange : pending_) {
        exchange->wake->signal();
    }
}

RequestLine::Outcome RequestLine::give_up(int code, const char* why) {
    if (death_ == nullptr) {
        death_ = why;
        death_code_ = code;
        ::shutdown(descriptor_of(socket_), SHUT_RDWR);  // also where the process is held by it
        wake_all();
    }
    return Outcome::dead;
}

}  // namespace pf::os
