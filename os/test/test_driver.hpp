// A small driver process for the tests of the control channel: a forked child that owns an
// instance and answers as a test tells it to.
#pragma once

#include <array>
#include <memory>

#include <pf/os/linux/seqpacket.hpp>
#include <pf/proto/transport.hpp>

#include "test_support.hpp"

namespace pf::os::test {

struct Incoming {
    proto::TransportRequest header{};
    std::array<std::byte, proto::kTransportMaxPayload> payload{};
    std::vector<Handle> handles;
};

// In the child: one connection.
class Connection {
public:
    explicit Connection(Handle socket) : socket_(std::move(socket)) {}
    // False: the host closed.
    bool receive(Incoming& incoming);
    void reply(std::uint64_t id, std::uint32_t status, std::span<const std::byte> payload = {},
               std::uint64_t value = 0);
    // A refusal of a control operation with a reason; `announced`: what its value says of it.
    void refuse(std::uint64_t id, std::uint32_t status, std::string_view reason,
                std::uint64_t announced);
    void send_raw(std::span<const std::byte> message, const Handle* give = nullptr);

private:
    Handle socket_;
};

using Serve = std::function<void(Connection&)>;

// Owns the instance and serves in this process, for ever.
[[noreturn]] void serve_instance(const std::string& instance, const Serve& serve);

// Waits until the child listens. It serves one connection after another.
std::unique_ptr<ForkedChild> start_driver(const std::string& instance, const Serve& serve);

// Echoes control payloads; keeps given handles, naming them 1000, 1001, ...; code 7 answers how
// many it holds as four bytes.
void serve_properly(Connection& connection);

}  // namespace pf::os::test
