// RandR as plain values and single steps: what the server has, and the requests that change it.
// Uses the connection of the caller's thread.
#pragma once

#include <xcb/randr.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "x11_layout.hpp"
#include "x11_timing.hpp"
#include "xorg/x11_connection.hpp"

namespace pf::driver {

struct RandrMode {
    xcb_randr_mode_t id = 0;
    std::string name;
};

struct RandrCrtc {
    xcb_randr_crtc_t id = 0;
    xcb_randr_mode_t mode = 0;  // 0: off
    X11Area area;
    std::vector<xcb_randr_output_t> outputs;
};

struct RandrOutput {
    xcb_randr_output_t id = 0;
    std::string name;
    xcb_randr_crtc_t crtc = 0;  // 0: off
    std::vector<xcb_randr_crtc_t> possible_crtcs;
    std::vector<xcb_randr_mode_t> modes;
};

struct RandrState {
    xcb_timestamp_t config_timestamp = 0;
    X11Size screen;
    std::vector<RandrMode> modes;
    std::vector<RandrCrtc> crtcs;
    std::vector<RandrOutput> outputs;
    xcb_randr_output_t primary = 0;  // 0: none

    const RandrOutput* output(const std::string& name) const;
    const RandrCrtc* crtc(xcb_randr_crtc_t id) const;
    const RandrMode* mode(const std::string& name) const;
    bool lit(xcb_randr_output_t output) const;
    // The lit output nearest to the screen's upper left, except `except`. Null: none is lit.
    const RandrOutput* first_lit(xcb_randr_output_t except) const;
    // Of the CRTCs that are on, except `except`.
    std::vector<X11Area> lit_areas(xcb_randr_crtc_t except) const;
};

class X11Randr {
public:
    explicit X11Randr(X11Connection& connection) : connection_(connection) {}

    // Whether an answer may take as long as the connection's patience lets it.
    void trust_patience(bool trusted) { has_patience_ = trusted; }

    os::Result<RandrState> read();
    os::Result<X11Limits> limits();
    os::Result<xcb_randr_mode_t> create_mode(const std::string& name, const core::Mode& mode,
                                             const X11Timing& timing);
    os::Result<void> destroy_mode(xcb_randr_mode_t mode);
    os::Result<void> add_output_mode(xcb_randr_output_t output, xcb_randr_mode_t mode);
    os::Result<void> delete_output_mode(xcb_randr_output_t output, xcb_randr_mode_t mode);
    // mode 0 switches the CRTC off.
    os::Result<void> set_crtc(xcb_randr_crtc_t crtc, std::int32_t x, std::int32_t y,
                              xcb_randr_mode_t mode, xcb_randr_output_t output);
    os::Result<void> resize_screen(const X11Size& size);
    // Best effort: what a desktop shows of them is decoration.
    void set_edid(xcb_randr_output_t output, std::span<const std::uint8_t> edid);
    void make_primary(xcb_randr_output_t output);

private:
    os::Result<RandrState> read_once();
    std::int64_t answer_deadline(std::int64_t work_ns = 0) const;

    X11Connection& connection_;
    bool has_patience_ = false;
};

}  // namespace pf::driver
