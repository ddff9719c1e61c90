// Where one output lies on the screen, as the server has it now: whoever else sets outputs (a
// desktop, xrandr) may move it, switch it to another mode, turn it or switch it off at any time.
// Uses the connection of the caller's thread, and waits as long as the connection's patience does.
#pragma once

#include <xcb/randr.h>

#include <string>

#include "x11_layout.hpp"
#include "xorg/x11_connection.hpp"

namespace pf::driver {

class X11OutputWatch {
public:
    // `connection` outlives the watch.
    X11OutputWatch(X11Connection& connection, std::string output)
        : connection_(connection), name_(std::move(output)) {}

    // From now on the server tells about changes. reject: it has no such output.
    os::Result<void> watch();
    // True: the event was about outputs, refresh() may find something new.
    bool notice(const xcb_generic_event_t& event);
    // Noticed, and not looked at since.
    bool stale() const { return stale_; }
    os::Result<void> refresh();

    // Pixels of the screen, turned as the screen is: no pixel when the output is off.
    const X11Area& area() const { return area_; }
    bool switched_off() const { return area_.width == 0 || area_.height == 0; }

private:
    os::Result<xcb_randr_crtc_t> read_crtc();
    os::Result<void> find_output();

    X11Connection& connection_;
    std::string name_;
    xcb_randr_output_t output_ = XCB_NONE;
    X11Area area_;
    bool stale_ = true;
};

}  // namespace pf::driver
