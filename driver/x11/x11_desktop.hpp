// The X server behind a source: adopts, starts or attaches to it, opens the outputs on it, knows
// whether it is still there. One thread at a time.
#pragma once

#include <memory>
#include <optional>

#include "x11_outputs.hpp"
#include "x11_source.hpp"
#include "xorg/xorg_server.hpp"

namespace pf::driver {

class X11Desktop {
public:
    explicit X11Desktop(X11Options options) : options_(std::move(options)) {}

    // A server with none of our monitors on it. Keeps the present one while it lives.
    os::Result<void> open();
    // The same for a start: waits for a server that lives and is silent, and says so. A server
    // that was started for nothing is ended; one that was found is left as it is.
    os::Result<void> open_patiently();
    // The connection is broken or the server is gone; a server that is silent is not.
    bool gone();
    // Ends our own server; takes our monitors off a named one.
    void close();

    X11Outputs& outputs() { return *outputs_; }  // after open()
    const X11Endpoint& endpoint() const { return endpoint_; }
    const os::Process& server() const { return server_process_; }

private:
    os::Result<void> reach_outputs();
    void tell_open() const;
    void abandon();
    os::Result<void> open_named();
    os::Result<void> open_own();

    X11Options options_;
    std::optional<XorgServer> own_;
    X11Endpoint endpoint_;
    os::Process server_process_;  // of whoever listens at the display
    std::unique_ptr<X11Outputs> outputs_;
};

}  // namespace pf::driver
