// Frames of a real X desktop: every monitor is an output of an Xorg server with the dummy driver.
// The server is the instance's own and outlives a killed driver, or one that the user names.
#pragma once

#include <memory>
#include <string>

#include "frame_source.hpp"

namespace pf::hostproc {

struct X11Options {
    std::string display;          // attach to this one; empty: start or adopt our own Xorg
    std::string state_directory;  // of the instance, private; the server's files lie there
    std::string instance;         // no '/'; marks our modes on the server
    std::string xorg_program;     // empty: where distributions install it
};

// Destroying the source ends a server of the instance's own; a display that was named only loses
// our monitors. When the server dies, a new one is started and the monitors come back on it.
// Ignores SIGPIPE for the process from then on: a dying X server must not end it.
os::Result<std::unique_ptr<FrameSource>> make_x11_source(const X11Options& options);

}  // namespace pf::hostproc
