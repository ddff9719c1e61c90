// The numbers by which an X server refuses a request, as words. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace pf::driver {

// Where each extension's errors begin on this server; 0: not known.
struct X11ErrorBases {
    std::uint8_t randr = 0;
    std::uint8_t damage = 0;
    std::uint8_t fixes = 0;
    std::uint8_t shm = 0;
    std::uint8_t input = 0;
};

// "BadMatch (8)", "BadRRMode (151)"; "error 200" when nobody knows it. Names: Xlib.h, randr.h,
// damagewire.h, xfixeswire.h, shm.h, XI.h.
std::string x11_error_name(std::uint8_t code, const X11ErrorBases& bases);

// RRSetConfigStatus (randr.h): "Failed (3)".
std::string randr_status_name(std::uint8_t status);

}  // namespace pf::driver
