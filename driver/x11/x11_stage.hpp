// The instance's monitors on their X server, and the server with them: a dead one is replaced, and
// everything is put on the next. Every call talks to the server; all from one thread, which may
// have to wait. An operation that fails leaves the server as it was, or what it left is taken off
// before the next one.
#pragma once

#include <atomic>
#include <bitset>
#include <map>
#include <memory>

#include "x11_capture.hpp"
#include "x11_desktop.hpp"
#include "x11_orders.hpp"
#include "x11_pixels.hpp"

namespace pf::driver {

class X11Stage {
public:
    // `lost` is signalled when a capture wants repair(); `patience` is asked while the server owes
    // an answer to an operation. Both outlive this.
    X11Stage(X11Options options, const os::Event& lost, X11Patience& patience)
        : picture_(options.picture),
          desktop_(std::move(options)),
          lost_(lost),
          patience_(patience) {}

    // For a start; see X11Desktop::open_patiently().
    os::Result<void> open();
    // The server answers, or is replaced, and every monitor is on it.
    os::Result<void> repair();
    // It has a server, and nothing is known to be wrong with it.
    bool ready() const { return ready_; }
    // It is not to be used before repair().
    void distrust() { ready_ = false; }
    // There is something for repair() to do.
    bool wants_repair() const;

    // retry: something is short, or the server is silent; reopen: it died under the operation, and
    // repair() is to come before another try.
    os::Result<void> serve(const X11Order& order);
    // Takes down what is there, in an orderly end.
    void close();

    const os::Process& server() const { return desktop_.server(); }
    const X11Endpoint& endpoint() const { return desktop_.endpoint(); }
    // Any thread.
    X11Pixels pixels() const { return pixels_; }

private:
    struct Monitor {
        std::uint32_t monitor_id = 0;
        core::Mode mode = {};
        core::Luminance luminance = {};
        std::shared_ptr<MonitorOutput> output;  // the capture's
        X11Area area = {};
        std::unique_ptr<X11Capture> capture;
    };

    os::Result<void> learn_pixels();
    os::Result<void> plug(const X11Order& order);
    os::Result<void> set_mode(const X11Order& order);
    os::Result<void> unplug(core::MonitorNumber number);
    os::Result<void> light(Monitor& monitor);
    bool await_pause(X11Capture& capture);
    void take_off(std::uint32_t monitor_id);
    void show(Monitor& monitor, const X11Area& area);
    void show_lost();
    os::Result<void> remove_strays();
    os::Result<void> replug_all();

    const PicturePatience picture_;
    X11Desktop desktop_;
    const os::Event& lost_;
    X11Patience& patience_;
    bool ready_ = false;
    std::map<core::MonitorNumber, Monitor> monitors_;
    std::bitset<32> strays_;  // monitor ids that may still be on the server, and are not to be
    std::atomic<X11Pixels> pixels_{X11Pixels::bgr8};
};

}  // namespace pf::driver
