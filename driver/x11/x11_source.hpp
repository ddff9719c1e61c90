// Frames of a real X desktop: every monitor is an output of an Xorg server with the dummy driver.
// The server is the instance's own and outlives a killed driver, or one that the user names.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <pf/os/clock.hpp>
#include <pf/os/flag.hpp>

#include "process/output/frame_source.hpp"
#include "x11_picture_watch.hpp"
#include "xorg/xorg_keeper.hpp"

namespace pf::driver {

// What becomes of the X server, for whoever tells people. Called by any thread, one at a time.
struct X11News {
    // The screen is there: its display and the file that lets programs onto it (empty: none named).
    std::function<void(const std::string& display, const std::string& xauthority)> open;
    // The source starts, and waits for something: one line.
    std::function<void(const std::string& why)> waiting;
    // Something waits for the server, which lives and says nothing: one line; empty: it answers.
    std::function<void(const std::string& why)> silent;
};

struct X11Options {
    std::string display;          // attach to this one; empty: start or adopt our own Xorg
    std::string state_directory;  // of the instance, private; the server's files lie there
    std::string instance;         // no '/'; marks our modes on the server
    std::string xorg_program;     // empty: where distributions install it
    XorgKeeping keeping = {};     // of the server when no driver has it
    X11News news = {};
    const os::Flag* stop = nullptr;  // ends the wait for a silent server; null: nothing does
    // How long a start waits for a server that lives and is silent, ns.
    std::int64_t patience_ns = 180 * os::kSecond;
    // The same for what is asked of a monitor later.
    std::int64_t operation_ns = 50 * os::kSecond;
    // How long a monitor without a picture keeps its ring.
    PicturePatience picture = {};
};

// Destroying the source ends a server of the instance's own; a display that was named only loses
// our monitors. When the server dies, a new one is started and the monitors come back on it.
// retry: the instance's server lives and is silent beyond the patience; it is left alone. Ignores
// SIGPIPE for the process from then on: a dying X server must not end it.
os::Result<std::unique_ptr<FrameSource>> make_x11_source(const X11Options& options);

}  // namespace pf::driver
