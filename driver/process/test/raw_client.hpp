// A host process's control connection with nothing in between: whatever bytes a test wants.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pf/os/handle.hpp>
#include <pf/proto/transport.hpp>

#include "bytes_of.hpp"

namespace pf::driver::test {

class RawClient {
public:
    // Connects to the socket `name` in `directory`; connected() tells whether that worked.
    RawClient(const std::string& directory, const char* name);

    struct Reply {
        proto::TransportReply header;
        std::vector<std::byte> payload;  // and a reason behind it
        template <typename T>
        T as() const {
            T value{};
            std::memcpy(&value, payload.data(), std::min(sizeof value, payload.size()));
            return value;
        }
    };

    static proto::TransportRequest request(std::uint32_t kind);
    bool connected() const { return static_cast<bool>(socket_); }
    // False: the driver closed the connection, or its queue is full.
    bool send(std::span<const std::byte> message, const os::Handle* give = nullptr);
    bool send_two_handles(std::span<const std::byte> message, const os::Handle& handle);
    // nullopt: the driver closed the connection (or did nothing for 20 s).
    std::optional<Reply> receive();
    std::optional<Reply> control(std::uint32_t code, std::span<const std::byte> input,
                                 std::uint32_t reply_capacity, std::uint64_t reason_capacity = 0);
    std::optional<Reply> give(const os::Handle& handle);
    std::optional<Reply> close_value(std::uint64_t value);
    // Waits for it; a reply before it counts as no.
    bool is_closed() { return !receive().has_value(); }
    const os::Handle& socket() const { return socket_; }

private:
    os::Handle socket_;
    std::uint64_t next_id_ = 1;
};

}  // namespace pf::driver::test
