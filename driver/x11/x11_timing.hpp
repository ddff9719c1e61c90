// The mode line of a virtual monitor: exact size and rate, the least blanking that every client
// accepts. Pure.
#pragma once

#include <cstdint>

#include <pf/core/mode.hpp>
#include <pf/os/result.hpp>

namespace pf::driver {

struct X11Timing {
    std::uint32_t dot_clock_hz = 0;
    std::uint16_t hsync_start = 0, hsync_end = 0, htotal = 0;  // pixels
    std::uint16_t vsync_start = 0, vsync_end = 0, vtotal = 0;  // lines
};

// reject: the pixel clock does not fit RandR's 32 bits of Hz.
os::Result<X11Timing> make_timing(const core::Mode& mode);

}  // namespace pf::driver
