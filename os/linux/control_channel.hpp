// DeviceChannel over a SOCK_SEQPACKET connection (proto/transport.hpp). Internal to os/linux.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include <pf/os/device_channel.hpp>
#include <pf/proto/transport.hpp>

#include "turn.hpp"

namespace pf::os {

class ControlChannel final : public DeviceChannel {
public:
    // `socket` is connected and non-blocking; `driver` is the process at its other end.
    ControlChannel(Handle socket, Process driver)
        : socket_(std::move(socket)), driver_(std::move(driver)) {}

    Result<std::size_t> call(std::uint32_t code, std::span<const std::byte> input,
                             std::span<std::byte> output, std::int64_t deadline_ns,
                             Remark* remark = nullptr) override;
    Result<std::uint64_t> give(const Handle& handle, Right right,
                               std::int64_t deadline_ns) override;
    Result<void> close_remote(std::uint64_t value, std::int64_t deadline_ns) override;
    const Process& driver_process() const override { return driver_; }

private:
    struct Request {
        const char* operation;
        proto::TransportRequest header;  // magic, version and id are filled in by exchange()
        std::span<const std::byte> payload;
        const Handle* give = nullptr;
    };
    struct Answer {
        proto::TransportReply header{};
        std::byte payload[proto::kTransportMaxPayload] = {};
        std::string reason = {};
    };

    Result<Answer> exchange(Request request, std::int64_t deadline_ns);
    Result<void> send(const Request& request, std::int64_t deadline_ns);
    // Waits for the reply to `request`, dropping late ones to earlier requests.
    Result<Answer> await_reply(const Request& request, std::int64_t deadline_ns);
    // nullopt: nothing is there. Any error means that the channel is dead.
    Result<std::optional<Answer>> receive(const char* operation);
    bool is_plausible(const proto::TransportReply& reply, std::size_t message_bytes) const;
    static bool answers(const Answer& answer, const Request& request);
    // A reply to a request whose caller has left: a handle that it names is closed again.
    void settle_late_reply(const proto::TransportReply& reply);
    tl::unexpected<Error> give_up(const char* operation, int code, const char* why);
    // A value that is to be closed and whose request did not even leave: it goes with the next.
    void close_later(const Request& request);
    void send_late_closes();
    bool send_close(std::uint64_t value);  // the reply is not waited for

    std::mutex late_mutex_;                   // never held while waiting
    std::vector<std::uint64_t> late_closes_;  // late_mutex_

    Turn turn_;  // holds for everything below
    Handle socket_;
    bool dead_ = false;
    std::uint64_t last_id_ = 0;
    std::set<std::uint64_t> abandoned_gives_;  // ids of give requests that timed out

    const Process driver_;
};

}  // namespace pf::os
