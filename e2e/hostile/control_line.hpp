// A lying host's connection to a driver: whole, half and senseless messages. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pf/os/handle.hpp>
#include <pf/proto/transport.hpp>

namespace pf::hostile {

class ControlLine {
public:
    // The instance in the runtime directory of this process.
    explicit ControlLine(const std::string& instance);

    bool open() const { return static_cast<bool>(socket_); }
    void close() { socket_.reset(); }

    struct Reply {
        proto::TransportReply header{};
        std::vector<std::byte> payload;
    };
    // Sends and waits. Insists that a reply keeps to the contract and comes within a minute;
    // nullopt: the driver closed the connection.
    std::optional<Reply> control(std::uint32_t code, std::span<const std::byte> payload,
                                 std::uint32_t reply_capacity);
    // 0: not taken.
    std::uint64_t give(const os::Handle& handle);
    bool close_value(std::uint64_t value);

    // Does not wait for anything.
    bool send(std::span<const std::byte> message, std::span<const int> descriptors = {});
    // Waits for what comes, up to a limit; false when the connection is over.
    bool drain(std::int64_t timeout_ns);

private:
    std::optional<Reply> exchange(proto::TransportRequest header,
                                  std::span<const std::byte> payload, const os::Handle* give);
    std::optional<Reply> await_reply(const proto::TransportRequest& request);

    os::Handle socket_;
    std::uint64_t next_id_ = 1;
};

}  // namespace pf::hostile
