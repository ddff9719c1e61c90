// A control server that serves `runtime` in a directory of its own for as long as this lives, for
// tests that talk to it as hosts do.
#pragma once

#include <stdexcept>
#include <thread>

#include <pf/os/linux/seqpacket.hpp>

#include "process/control/ioctl_server.hpp"
#include "raw_client.hpp"
#include "scratch.hpp"

namespace pf::driver::test {

class Serving {
public:
    // `runtime` and `handles` outlive this. Throws when there is no socket to be had.
    Serving(Runtime& runtime, HandleTable& handles)
        : server_(listener_in(directory_.path()), runtime, handles, ConnectionLimits{}),
          thread_([this] { server_.run(stop_); }) {}
    ~Serving() {
        stop_.set();
        thread_.join();
    }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

    RawClient connect() const { return RawClient(directory_.path(), kSocket); }

private:
    static constexpr const char* kSocket = "control";

    static os::Handle listener_in(const std::string& directory) {
        auto listener = os::listen_seqpacket(directory, kSocket);
        if (!listener) {
            throw std::runtime_error(listener.error().message());
        }
        return std::move(*listener);
    }

    ScratchDirectory directory_;
    os::Flag stop_ = os::Flag::create().value();
    IoctlServer server_;
    std::thread thread_;
};

}  // namespace pf::driver::test
