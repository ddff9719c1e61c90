// The Xorg server of one driver instance. It outlives the driver: whoever drives the instance
// next adopts it by the record in the state directory. Used by one thread at a time.
#pragma once

#include <cstdint>
#include <string>

#include <pf/os/process.hpp>

#include "x11_connection.hpp"
#include "xorg_record.hpp"

namespace pf::hostproc {

struct XorgOptions {
    std::string state_directory;  // private to this user; made when absent
    std::string program;          // empty: where distributions install Xorg
};

class XorgServer {
public:
    // The server that an earlier driver of this instance left running, else a new one; what a dead
    // one left behind is cleaned up. fallback: no Xorg or no dummy driver on this machine.
    static os::Result<XorgServer> adopt_or_start(const XorgOptions& options);

    XorgServer(XorgServer&&) = default;
    XorgServer& operator=(XorgServer&&) = default;
    ~XorgServer() = default;  // leaves the server running

    bool adopted() const { return adopted_; }
    const X11Endpoint& endpoint() const { return endpoint_; }
    const os::Process& process() const { return process_; }
    const std::string& xauthority() const { return record_.xauthority; }

    // Ends the server, and with it the programs on it; removes its files.
    void stop();

private:
    XorgServer() = default;
    static os::Result<XorgServer> adopt(const XorgOptions& options);
    static os::Result<XorgServer> start(const XorgOptions& options);
    static os::Result<XorgServer> start_on(const std::string& directory, const std::string& program,
                                           const XorgCookie& cookie, std::uint32_t number);
    os::Result<void> await_answer() const;

    std::string state_directory_;
    os::Process process_;
    XorgRecord record_;
    X11Endpoint endpoint_;
    bool adopted_ = false;
};

}  // namespace pf::hostproc
