// The control side of the driver process: takes connections, serves their requests, answers those
// that take long when they are done (replies come in any order, each with its request's id),
// notices when a host is gone. Everything happens in run(), on the control thread, which waits for
// nobody.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <pf/os/flag.hpp>
#include <pf/os/handle.hpp>
#include <pf/os/wait.hpp>

#include "connection_table.hpp"
#include "control_message.hpp"
#include "handle_table.hpp"
#include "process/runtime/runtime.hpp"

namespace pf::driver {

class IoctlServer {
public:
    // `listener` is non-blocking; `runtime` and `handles`, which it takes from, outlive this.
    IoctlServer(os::Handle listener, Runtime& runtime, HandleTable& handles,
                const ConnectionLimits& limits)
        : listener_(std::move(listener)),
          listener_source_(listener_.native()),
          runtime_(runtime),
          handles_(handles),
          connections_(limits) {}
    IoctlServer(const IoctlServer&) = delete;
    IoctlServer& operator=(const IoctlServer&) = delete;

    // Serves until `stop` is set. Want of memory or descriptors does not end it.
    void run(const os::Flag& stop);

private:
    // A request that was begun: who waits for its answer, and how.
    struct Pending {
        ConnectionNumber connection;
        ControlRequest request;  // its header and what the caller takes; no payload
    };

    // False: it is to stop.
    bool turn(const os::Flag& stop);
    void collect_items(const os::Flag& stop);
    void accept_one();
    void serve(const Connection& connection);
    // False: the connection has no further use.
    bool serve_message(const Connection& connection);
    bool answer(const Connection& connection, const ControlRequest& request, os::Handle given);
    ControlReply exchange_handle(const Connection& connection, const ControlRequest& request,
                                 os::Handle given);
    // nullopt: begun, and noted as pending.
    std::optional<ControlReply> perform(const Connection& connection,
                                        const ControlRequest& request);
    bool send(const Connection& connection, const ControlReply& reply);
    void send_finished();
    void send_late(const Pending& pending, const Runtime::Outcome& outcome);
    void close(const Connection& connection);

    os::Handle listener_;
    DescriptorSource listener_source_;
    Runtime& runtime_;
    HandleTable& handles_;
    ConnectionTable connections_;
    // No more than core lets be under way, of all hosts together; see core::Dispatcher.
    std::map<core::RequestId, Pending> pending_;
    core::RequestId next_request_ = 1;
    std::vector<os::WaitItem> items_;
    std::int64_t next_tick_ns_ = 0;
    std::int64_t accept_again_ns_ = 0;  // no descriptor was left: the listener rests until then
};

}  // namespace pf::driver
