// The Xorg server of one driver instance. It outlives the driver: whoever drives the instance
// next adopts it by the record in the state directory; when nobody does, its keeper ends it. Used
// by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <pf/os/process.hpp>

#include "x11_connection.hpp"
#include "xorg_keeper.hpp"
#include "xorg_record.hpp"

namespace pf::driver {

struct XorgOptions {
    std::string state_directory;  // private to this user; made when absent
    std::string program;          // empty: where distributions install Xorg
    XorgKeeping keeping = {};     // of a server that no driver has
};

class XorgServer {
public:
    // The server that an earlier driver of this instance left running, whether it answers just now
    // or not, else a new one; what a dead one left behind is cleaned up. fallback: no Xorg or no
    // dummy driver on this machine. reject: the place of X sockets is closed to this user.
    static os::Result<XorgServer> adopt_or_start(const XorgOptions& options);

    XorgServer(XorgServer&&) = default;
    XorgServer& operator=(XorgServer&&) = default;
    ~XorgServer() = default;  // leaves the server running

    bool adopted() const { return adopted_; }
    const X11Endpoint& endpoint() const { return endpoint_; }
    const os::Process& process() const { return process_; }
    const std::string& xauthority() const { return record_.xauthority; }
    // Who ends the server when nobody has it; null: nobody does.
    const os::Process& keeper() const { return keeper_; }

    // Ends the server, and with it the programs on it; removes its files.
    void stop();

private:
    XorgServer() = default;
    // nullopt: there is none.
    static os::Result<std::optional<XorgServer>> adopt(const XorgOptions& options);
    static os::Result<XorgServer> start(const XorgOptions& options);
    static os::Result<XorgServer> start_on(const XorgOptions& options, const std::string& program,
                                           const XorgCookie& cookie, std::uint32_t number);
    os::Result<void> await_answer() const;
    // Notes who we are, and sees to it that a keeper lives.
    os::Result<void> take_over(const XorgKeeping& keeping);
    os::Result<void> write_record() const;
    void start_own_keeper(const XorgKeeping& keeping);
    void end_keeper();
    // Ends one that was started for nothing.
    void give_up();

    std::string state_directory_;
    os::Process process_;
    os::Process keeper_;
    XorgRecord record_;
    X11Endpoint endpoint_;
    bool adopted_ = false;
};

}  // namespace pf::driver
