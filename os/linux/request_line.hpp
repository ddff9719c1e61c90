// Many callers on one SOCK_SEQPACKET connection to a driver (proto/transport.hpp): each sends
// under a short lock, one of those who wait receives for all, and answers find their caller by
// their id. Internal to os/linux.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include <pf/os/event.hpp>
#include <pf/os/patience.hpp>
#include <pf/os/process.hpp>
#include <pf/proto/transport.hpp>

namespace pf::os {

// One request and what came of it.
struct Exchange {
    const char* operation = "";
    proto::TransportRequest request{};  // magic, version and id are filled in; id 0: it never left
    std::span<const std::byte> payload = {};
    const Handle* give = nullptr;

    bool answered = false;
    proto::TransportReply reply{};
    // The reply's payload, and behind it its reason.
    std::byte content[proto::kTransportMaxPayload + proto::kTransportMaxReason] = {};
    std::size_t content_bytes = 0;

    const Event* wake = nullptr;  // of its caller, while it waits
};

class RequestLine {
public:
    // `socket` is connected and non-blocking; `driver` is the process at its other end, and
    // outlives this. `wake` is the first caller's, so that one at a time needs no descriptor more.
    RequestLine(Handle socket, const Process& driver, Event wake);
    RequestLine(const RequestLine&) = delete;
    RequestLine& operator=(const RequestLine&) = delete;

    // Sends all of them, then waits until all are answered. Any thread, several at once. On an
    // error those that were answered before say so. Late answers are dropped, and a handle that
    // one of them names is closed again.
    Result<void> exchange(std::span<Exchange> exchanges, const Patience& patience);

    // Closes a value in the driver's process without waiting for the answer: with the next request
    // where the connection takes nothing now.
    void close_unwatched(std::uint64_t value);

private:
    class Caller;
    class Receiver;
    enum class Outcome { done, deadline, cancelled, dead };

    Result<Event> take_wake();
    Result<Outcome> exchange_all(std::span<Exchange> exchanges, const Patience& patience);
    Result<Outcome> send(Exchange& exchange, const Patience& patience);
    Outcome await(std::span<const Exchange> exchanges, const Event& wake, const Patience& patience);
    Outcome receive_for_all(std::span<const Exchange> exchanges, const Patience& patience);
    Error error_of(Outcome outcome, const char* operation, std::int64_t waited_ns);

    // With mutex_ held:
    Result<void> send_now(Exchange& exchange);
    enum class Took { message, nothing, nonsense, end };
    Took take_message();
    Took settle(const proto::TransportReply& reply, std::span<const std::byte> content);
    bool is_plausible(const proto::TransportReply& reply, std::size_t message_bytes) const;
    void close_late_gift(const proto::TransportReply& reply);
    void send_late_closes();
    bool send_close(std::uint64_t value);
    void wake_all() const;
    Outcome give_up(int code, const char* why);

    const Handle socket_;  // shut down at its death, but closed with this: others may wait for it
    const Process& driver_;

    std::mutex mutex_;  // never held while waiting; for everything below
    int death_code_ = 0;
    const char* death_ = nullptr;  // why the connection is of no use; null: it lives
    bool receiving_ = false;       // a caller receives for all
    std::uint64_t last_id_ = 0;
    std::vector<Exchange*> pending_;
    std::vector<Event> spare_wakes_;
    std::vector<std::uint64_t> abandoned_gives_;  // their ids; has room for all that are pending
    std::vector<std::uint64_t> late_closes_;
};

}  // namespace pf::os
